"""What the thesis claims, and the rule by which a profile's numbers decide whether it holds.

Rules are about the *share taken*: of the accuracy above chance that a training reaches on clean
data, the part that it loses on poisoned data. So they mean the same for a ResNet-18 that reaches
95 % and for a small network that reaches 45 %. They hold on the thesis's own numbers
(`tests/experiments/test_claims.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import mean

from experiments.grid import Training

Errors = Mapping[Training, Mapping[int, float]]
"""Clean error in per cent after the last epoch, by seed."""

WORTH = 0.3  # a share below this is not worth restoring
CHANCE = 90.0  # error of a guess among ten classes, in per cent
FLIP, GRAY = "crop_flip", "grayscale+crop_flip"
JPEG, GRAY_JPEG = "jpeg-c80+crop_flip", "grayscale+jpeg-c80+crop_flip"


@dataclass(frozen=True)
class Verdict:
    """What the numbers say of a claim.

    Attributes:
        holds: None if numbers are missing, or if there was nothing to restore.
        evidence: the shares taken, in per cent.
    """

    holds: bool | None
    evidence: str

    @property
    def word(self) -> str:
        """For the table: open is a claim with numbers that cannot decide it."""
        if self.holds is None:
            return "open" if self.evidence else "not measured"
        return "holds" if self.holds else "**fails**"


Case = tuple[str, str, str]
"""Data set, augmentation, training."""


@dataclass(frozen=True)
class Claim:
    """A sentence of the thesis (or of Liu et al.) and what decides it.

    Attributes:
        name: in the profile's `findings`.
        text: what is claimed.
        rule: in words.
        cases: whose shares are the evidence.
        decide: whether it holds, from the shares of the cases, in their order.
        undefended: the augmentation without the defence that the claim is about; None if it is
            about none. Data sets of which the noise takes less than `WORTH` there are left out:
            what it does not take nothing can restore.
    """

    name: str
    text: str
    rule: str
    cases: tuple[Case, ...]
    decide: Callable[[list[float]], bool]
    undefended: str | None = None

    def verdict(self, errors: Errors) -> Verdict:
        """Whether it holds; not decided where a number is missing."""
        try:
            cases = [case for case in self.cases if self._is_worth(errors, case)]
            shares = taken(errors, cases)
        except KeyError:
            return Verdict(None, "")
        if not cases:
            return Verdict(None, f"nothing to restore after {self.undefended}")
        return Verdict(self.decide(shares), _evidence(cases, shares))

    def _is_worth(self, errors: Errors, case: Case) -> bool:
        if self.undefended is None:
            return True
        return taken(errors, [(case[0], self.undefended, "standard")])[0] >= WORTH


def _evidence(cases: list[Case], shares: list[float]) -> str:
    """Data set and share, and whatever else tells one case from another."""
    differ = [len({case[i] for case in cases}) > 1 for i in range(3)]
    named = (
        (" ".join(part for part, shown in zip(case, differ, strict=True) if shown) or case[0])
        + f": {100 * share:.0f} %"
        for case, share in zip(cases, shares, strict=True)
    )
    return ", ".join(named)


def taken(errors: Errors, cases: list[Case]) -> list[float]:
    """Share of the accuracy above chance that the noise takes: 0 is nothing, 1 is all of it.

    A seed is compared with itself, on clean and on poisoned data, and only seeds that all cases
    have count: what a training reaches varies more between seeds than many noises take.

    Raises:
        KeyError: a number is missing.
    """
    pairs = [
        (
            errors[Training(data, training, augmentation)],
            errors[Training("clean", training, augmentation)],
        )
        for data, augmentation, training in cases
    ]
    seeds = set.intersection(*(set(each) for pair in pairs for each in pair)) if pairs else set()
    return [
        mean((poisoned[seed] - clean[seed]) / (CHANCE - clean[seed]) for seed in seeds)
        for poisoned, clean in pairs
    ]


def _cases(data: str, *augmentations: str, training: str = "standard") -> tuple[Case, ...]:
    return tuple((name, each, training) for each in augmentations for name in data.split())


def _most(shares: list[float]) -> bool:
    return min(shares) >= 0.5


def _little(shares: list[float]) -> bool:
    return max(shares) <= 0.1


def _ordered(by: float) -> Callable[[list[float]], bool]:
    """Each share of the second half is larger, by so much, than its partner in the first half."""

    def decide(shares: list[float]) -> bool:
        half = len(shares) // 2
        return all(a + by < b for a, b in zip(shares[:half], shares[half:], strict=True))

    return decide


def _means_differ(shares: list[float]) -> bool:
    half = len(shares) // 2
    return mean(shares[:half]) + 0.05 < mean(shares[half:])


MOST = "the noise still takes at least half, of S8 and of C8 †"
LITTLE = "the noise takes at most a tenth, of S8 and of C8 †"
CLAIMS = [
    Claim(
        "noise_works",
        "The noise drops clean accuracy.",
        "the noise takes at least half, of S8 and C8, without augmentation and with crop + flip",
        _cases("S8 C8", "none", FLIP),
        _most,
    ),
    Claim(
        "classwise_stronger",
        "Class-wise noise is stronger than sample-wise under crop + flip.",
        "C takes more than S, at 2, 4 and 8/255",
        _cases("S2 S4 S8 C2 C4 C8", FLIP),
        _ordered(0),
    ),
    Claim(
        "epsilon",
        "A bigger epsilon is stronger.",
        "with crop + flip 8/255 takes at least 10 points more than 2/255, S and C",
        _cases("S2 C2 S8 C8", FLIP),
        _ordered(0.1),
    ),
    Claim(
        "grayscale",
        "Grayscale restores sample-wise data.",
        "the noise takes at most a tenth, of S2, S4 and S8 †",
        _cases("S2 S4 S8", GRAY),
        _little,
        FLIP,
    ),
    Claim("jpeg", "JPEG restores (compression 80).", LITTLE, _cases("S8 C8", JPEG), _little, FLIP),
    Claim(
        "grayscale_jpeg",
        "Grayscale and JPEG together restore (compression 80).",
        LITTLE,
        _cases("S8 C8", GRAY_JPEG),
        _little,
        FLIP,
    ),
    Claim(
        "uniform_alone",
        "The uniform noise in [0, 0.1) that the thesis's code drew does little alone.",
        MOST,
        _cases("S8 C8", "uniform_noise-0.10+crop_flip"),
        _most,
        FLIP,
    ),
    Claim(
        "gaussian_alone",
        "True Gaussian noise of 0.1 does little alone (not tried in the thesis).",
        MOST,
        _cases("S8 C8", "gaussian_noise-0.10+crop_flip"),
        _most,
        FLIP,
    ),
    Claim(
        "grayscale_uniform",
        "Grayscale with that uniform noise does a lot.",
        LITTLE,
        _cases("S8 C8", "grayscale+uniform_noise-0.10+crop_flip"),
        _little,
        FLIP,
    ),
    Claim(
        "grayscale_gaussian",
        "Grayscale with true Gaussian noise does a lot (not tried in the thesis).",
        LITTLE,
        _cases("S8 C8", "grayscale+gaussian_noise-0.10+crop_flip"),
        _little,
        FLIP,
    ),
    Claim(
        "pgd",
        "PGD training with the ball of the noise restores.",
        LITTLE,
        _cases("S8 C8", FLIP, training="pgd-8/255"),
        _little,
        FLIP,
    ),
    Claim(
        "fgsm",
        "FGSM training restores less reliably.",
        "S4, C4, S8, C8, ball of the noise: on average it takes 5 points more than under PGD †",
        tuple(
            (f"{kind}{epsilon}", FLIP, f"{method}-{epsilon}/255")
            for method in ("pgd", "fgsm")
            for epsilon in (4, 8)
            for kind in "SC"
        ),
        _means_differ,
        FLIP,
    ),
    Claim(
        "made_on_gray",
        "Noise made on grayscale images resists grayscale more.",
        "with grayscale S8* takes at least 5 points more than S8, C8* than C8",
        _cases("S8 C8 S8* C8*", GRAY),
        _ordered(0.05),
    ),
    Claim(
        "dropout",
        "Coarse dropout does not help.",
        MOST,
        _cases("S8 C8", "coarse_dropout-3x3", "coarse_dropout-4x4"),
        _most,
        "none",
    ),
    Claim(
        "median",
        "Median blur does not help.",
        MOST,
        _cases("S8 C8", "median_blur-3"),
        _most,
        "none",
    ),
    Claim(
        "grayaug",
        "GrayAug noise survives grayscale (Liu et al.).",
        "G8 takes at least half, with crop + flip and with grayscale too",
        _cases("G8", FLIP, GRAY),
        _most,
    ),
    Claim(
        "grayaug_alone",
        "It does so without crop + flip too (not in Liu et al.), and more than plain noise.",
        "with grayscale alone G8 takes at least 5 points more than S8",
        _cases("S8 G8", "grayscale"),
        _ordered(0.05),
    ),
]
