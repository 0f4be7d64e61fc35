"""A claim about a grid's numbers, and the rule by which a profile's numbers decide it.

Rules are about the *share lost*: of the accuracy above chance that a training reaches on clean
data, the part that it loses on poisoned data. So they mean the same for a ResNet-18 that reaches
95 % and for a small network that reaches 45 %. The thesis's claims (`grids/thesis_claims.yaml`)
hold on its own numbers (`tests/experiments/test_claims.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import mean

from experiments.training import Training

Errors = Mapping[Training, Mapping[int, float]]
"""Clean error in per cent after the last epoch, by seed."""

WORTH_RESTORING = 0.3  # a smaller share lost says nothing about a defence: seeds differ by so much


def share_lost(clean: float, poisoned: float, chance: float) -> float:
    """Of the accuracy above chance that is reached on clean data, the part that poisoned data lose.

    Args:
        clean: error in per cent after training on clean data.
        poisoned: on poisoned data.
        chance: of a guess.
    """
    return (poisoned - clean) / (chance - clean)


@dataclass(frozen=True)
class Verdict:
    """What the numbers say of a claim.

    Attributes:
        holds: None if numbers are missing, or if there was nothing to restore.
        evidence: the shares lost, in per cent.
    """

    holds: bool | None
    evidence: str

    @property
    def word(self) -> str:
        """For the table: open is a claim whose numbers are not there or cannot decide it."""
        if self.holds is None:
            return "open"
        return "holds" if self.holds else "**fails**"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A sentence of a paper and what decides it: all conditions that are given must hold.

    Attributes:
        name: in the profile's `findings`.
        text: what is claimed.
        rule: in words.
        cases: whose shares are the evidence.
        at_least: no share is smaller.
        at_most: no share is larger.
        each_more_by: each share of the second half is larger, by more than this, than its partner
            in the first half.
        each_within: each share of the second half differs by no more than this from its partner in
            the first half.
        mean_more_by: the mean of the second half is larger, by more than this, than that of the
            first.
        undefended: training and augmentation without the defence that the claim is about; empty
            if it is about none. Data sets of which the noise costs less than `WORTH_RESTORING`
            there are left out: what is not lost nothing can restore.
        clean: the clean images that the cases are compared with.
        chance_error: error of a guess, in per cent.
    """

    name: str
    text: str
    rule: str
    cases: tuple[Training, ...]
    clean: str
    chance_error: float
    at_least: float | None = None
    at_most: float | None = None
    each_more_by: float | None = None
    each_within: float | None = None
    mean_more_by: float | None = None
    undefended: Mapping[str, str] = field(default_factory=dict)

    def verdict(self, errors: Errors) -> Verdict:
        """Whether it holds; not decided where a number is missing."""
        try:
            cases = [case for case in self.cases if self._is_worth_restoring(errors, case)]
            shares = self.shares_lost(errors, cases)
        except KeyError:
            return Verdict(None, "")
        if not cases:
            return Verdict(None, f"nothing to restore after {self.undefended['augmentation']}")
        return Verdict(self._decide(shares), _evidence(cases, shares))

    def shares_lost(self, errors: Errors, cases: list[Training]) -> list[float]:
        """Share of the accuracy above chance that is lost to the noise: 0 is none, 1 is all of it.

        A seed is compared with itself, on clean and on poisoned data, and only seeds that all cases
        have count: what a training reaches varies more between seeds than many noises cost.

        Raises:
            KeyError: a number is missing.
        """
        pairs = [(errors[case], errors[replace(case, train_data=self.clean)]) for case in cases]
        every = [set(by_seed) for pair in pairs for by_seed in pair]
        seeds = set.intersection(*every) if every else set()
        chance = self.chance_error
        return [
            mean(share_lost(clean[seed], poisoned[seed], chance) for seed in seeds)
            for poisoned, clean in pairs
        ]

    def _is_worth_restoring(self, errors: Errors, case: Training) -> bool:
        if not self.undefended:
            return True
        return self.shares_lost(errors, [replace(case, **self.undefended)])[0] >= WORTH_RESTORING

    def _decide(self, shares: list[float]) -> bool:
        half = len(shares) // 2
        first, second = shares[:half], shares[half:]
        pairs = list(zip(first, second, strict=False))
        by, within = self.each_more_by, self.each_within
        return (
            (self.at_least is None or min(shares) >= self.at_least)
            and (self.at_most is None or max(shares) <= self.at_most)
            and (by is None or all(a + by < b for a, b in pairs))
            and (within is None or all(abs(a - b) <= within for a, b in pairs))
            and (self.mean_more_by is None or mean(first) + self.mean_more_by < mean(second))
        )


def _evidence(cases: list[Training], shares: list[float]) -> str:
    """Data set and share, and whatever else tells one case from another."""
    names = [(case.train_data, case.augmentation, case.training) for case in cases]
    differ = [len(set(each)) > 1 for each in zip(*names, strict=True)]
    told = (
        " ".join(part for part, shown in zip(case, differ, strict=True) if shown) or case[0]
        for case in names
    )
    return ", ".join(
        f"{name}: {100 * share:.0f} %" for name, share in zip(told, shares, strict=True)
    )
