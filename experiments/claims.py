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

Errors = Mapping[Training, float]
"""Clean error in per cent after the last epoch, mean over the seeds."""

CHANCE = 90.0  # error of a guess among ten classes, in per cent
FLIP, GRAY = "crop_flip", "grayscale+crop_flip"
JPEG, GRAY_JPEG = "jpeg-c80+crop_flip", "grayscale+jpeg-c80+crop_flip"


@dataclass(frozen=True)
class Verdict:
    """What the numbers say of a claim.

    Attributes:
        holds: None if numbers are missing.
        evidence: the shares taken, in per cent.
    """

    holds: bool | None
    evidence: str


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
    """

    name: str
    text: str
    rule: str
    cases: tuple[Case, ...]
    decide: Callable[[list[float]], bool]

    def verdict(self, errors: Errors) -> Verdict:
        """Whether it holds; not decided where a number is missing."""
        try:
            shares = [taken(errors, case) for case in self.cases]
        except KeyError:
            return Verdict(None, "")
        several = {case[1:] for case in self.cases}
        named = (
            f"{' '.join(case if len(several) > 1 else case[:1])}: {100 * share:.0f} %"
            for case, share in zip(self.cases, shares, strict=True)
        )
        return Verdict(self.decide(shares), ", ".join(named).replace(" standard:", ":"))


def taken(errors: Errors, case: Case) -> float:
    """Share of the accuracy above chance that the noise takes: 0 is nothing, 1 is all of it.

    Raises:
        KeyError: a number is missing.
    """
    data, augmentation, training = case
    clean = errors[Training("clean", training, augmentation)]
    return (errors[Training(data, training, augmentation)] - clean) / (CHANCE - clean)


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


MOST = "still takes at least half, of S8 and of C8"
LITTLE = "takes at most a tenth, of S8 and of C8"
CLAIMS = [
    Claim(
        "noise_works",
        "The noise drops clean accuracy.",
        "takes at least half, S8 and C8, without augmentation and with crop + flip",
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
        "with crop + flip 8/255 takes at least a tenth more than 2/255, S and C",
        _cases("S2 C2 S8 C8", FLIP),
        _ordered(0.1),
    ),
    Claim(
        "grayscale",
        "Grayscale restores sample-wise data.",
        "the noise takes at most a tenth, of S2, S4 and S8",
        _cases("S2 S4 S8", GRAY),
        _little,
    ),
    Claim("jpeg", "JPEG restores (compression 80).", LITTLE, _cases("S8 C8", JPEG), _little),
    Claim(
        "grayscale_jpeg",
        "Grayscale and JPEG together restore (compression 80).",
        LITTLE,
        _cases("S8 C8", GRAY_JPEG),
        _little,
    ),
    Claim(
        "uniform_alone",
        "The uniform noise in [0, 0.1) that the thesis's code drew does little alone.",
        MOST,
        _cases("S8 C8", "uniform_noise-0.10+crop_flip"),
        _most,
    ),
    Claim(
        "gaussian_alone",
        "True Gaussian noise of 0.1 does little alone (not tried in the thesis).",
        MOST,
        _cases("S8 C8", "gaussian_noise-0.10+crop_flip"),
        _most,
    ),
    Claim(
        "grayscale_uniform",
        "Grayscale with that uniform noise does a lot.",
        LITTLE,
        _cases("S8 C8", "grayscale+uniform_noise-0.10+crop_flip"),
        _little,
    ),
    Claim(
        "grayscale_gaussian",
        "Grayscale with true Gaussian noise does a lot (not tried in the thesis).",
        LITTLE,
        _cases("S8 C8", "grayscale+gaussian_noise-0.10+crop_flip"),
        _little,
    ),
    Claim(
        "pgd",
        "PGD training with the ball of the noise restores.",
        LITTLE,
        _cases("S8 C8", FLIP, training="pgd-8/255"),
        _little,
    ),
    Claim(
        "fgsm",
        "FGSM training restores less reliably.",
        "with the ball of the noise FGSM leaves it on average at least 0.05 more than PGD does",
        tuple(
            (f"{kind}{epsilon}", FLIP, f"{method}-{epsilon}/255")
            for method in ("pgd", "fgsm")
            for epsilon in (4, 8)
            for kind in "SC"
        ),
        _means_differ,
    ),
    Claim(
        "made_on_gray",
        "Noise made on grayscale images resists grayscale more.",
        "with grayscale S8\\* takes at least 0.05 more than S8, C8\\* than C8",
        _cases("S8 C8 S8* C8*", GRAY),
        _ordered(0.05),
    ),
    Claim(
        "dropout",
        "Coarse dropout does not help.",
        MOST,
        _cases("S8 C8", "coarse_dropout-3x3", "coarse_dropout-4x4"),
        _most,
    ),
    Claim("median", "Median blur does not help.", MOST, _cases("S8 C8", "median_blur-3"), _most),
    Claim(
        "grayaug",
        "GrayAug noise survives grayscale (Liu et al.).",
        "takes at least half, with crop + flip and with grayscale too",
        _cases("G8", FLIP, GRAY),
        _most,
    ),
]
