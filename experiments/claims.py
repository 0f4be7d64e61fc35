"""What the thesis claims, and the rule by which a profile's numbers decide whether it holds.

The same rules are applied to the thesis's own numbers (`tests/experiments/test_claims.py`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import mean

from experiments.grid import Training

Errors = Mapping[Training, float]
"""Clean error in per cent after the last epoch, mean over the seeds."""

FLIP, GRAY = "crop_flip", "grayscale+crop_flip"
JPEG, GRAY_JPEG = "jpeg-c80+crop_flip", "grayscale+jpeg-c80+crop_flip"
NOISES = ("S8", "C8")


@dataclass(frozen=True)
class Verdict:
    """What the numbers say of a claim.

    Attributes:
        holds: None if numbers are missing.
        evidence: the numbers.
    """

    holds: bool | None
    evidence: str


@dataclass(frozen=True)
class Claim:
    """A sentence of the thesis (or of Liu et al.) and what decides it.

    Attributes:
        name: in the profile's `findings`.
        text: what is claimed.
        rule: in words; errors are per cent of clean test images, points are percentage points.
        decide: applies the rule.
    """

    name: str
    text: str
    rule: str
    decide: Callable[[Errors], Verdict]

    def verdict(self, errors: Errors) -> Verdict:
        """Whether it holds; not decided where a number is missing."""
        try:
            return self.decide(errors)
        except KeyError:
            return Verdict(None, "not measured")


Pair = tuple[Training, Training]


def _error(data: str, augmentation: str = FLIP, training: str = "standard") -> Training:
    return Training(data, training, augmentation)


def _above(points: float, *pairs: Pair) -> Callable[[Errors], Verdict]:
    """In every pair the first error is at least so many points above the second."""

    def decide(errors: Errors) -> Verdict:
        holds = all(errors[one] >= errors[other] + points for one, other in pairs)
        return Verdict(holds, _evidence(errors, pairs))

    return decide


def _near(points: float, *pairs: Pair) -> Callable[[Errors], Verdict]:
    """In every pair the first error is at most so many points above the second."""

    def decide(errors: Errors) -> Verdict:
        holds = all(errors[one] <= errors[other] + points for one, other in pairs)
        return Verdict(holds, _evidence(errors, pairs))

    return decide


def _evidence(errors: Errors, pairs: tuple[Pair, ...]) -> str:
    return "; ".join(
        f"{_name(one, other)} {errors[one]:.1f}, {_name(other, one)} {errors[other]:.1f}"
        for one, other in pairs
    )


def _name(training: Training, other: Training) -> str:
    """The data set, and whatever else tells it from `other`."""
    parts = [training.train_data]
    if training.augmentation != other.augmentation:
        parts.append(training.augmentation)
    if training.training != other.training:
        parts.append(training.training)
    return " ".join(parts)


def _beside_clean(names: tuple[str, ...], *given: str) -> list[Pair]:
    return [(_error(name, *given), _error("clean", *given)) for name in names]


SAME_BALL = [(f"{kind}{e}", e) for e in (4, 8) for kind in "SC"]


def _fgsm_less_reliable(errors: Errors) -> Verdict:
    left = {
        method: mean(
            errors[_error(name, FLIP, f"{method}-{e}/255")]
            - errors[_error("clean", FLIP, f"{method}-{e}/255")]
            for name, e in SAME_BALL
        )
        for method in ("fgsm", "pgd")
    }
    text = ", ".join(f"{method.upper()} {value:+.1f}" for method, value in left.items())
    return Verdict(left["fgsm"] >= left["pgd"] + 5, f"{text} points above clean images")


CLAIMS = [
    Claim(
        "noise_works",
        "The noise drops clean accuracy.",
        "S8 and C8, with and without crop + flip: error at least 20 points above clean images",
        _above(20, *_beside_clean(NOISES, "none"), *_beside_clean(NOISES)),
    ),
    Claim(
        "classwise_stronger",
        "Class-wise noise is stronger than sample-wise under crop + flip.",
        "error on C above S at 2, 4 and 8/255",
        _above(0, *[(_error(f"C{e}"), _error(f"S{e}")) for e in (2, 4, 8)]),
    ),
    Claim(
        "epsilon",
        "A bigger epsilon is stronger.",
        "crop + flip, S and C: error at 8/255 at least 10 points above 2/255",
        _above(10, *[(_error(f"{kind}8"), _error(f"{kind}2")) for kind in "SC"]),
    ),
    Claim(
        "grayscale",
        "Grayscale restores sample-wise data.",
        "S2, S4, S8 with grayscale: error at most 5 points above clean images",
        _near(5, *_beside_clean(("S2", "S4", "S8"), GRAY)),
    ),
    Claim(
        "jpeg",
        "JPEG restores.",
        "S8 and C8 with compression 80: error at most 10 points above clean images",
        _near(10, *_beside_clean(NOISES, JPEG)),
    ),
    Claim(
        "grayscale_jpeg",
        "Grayscale and JPEG together restore.",
        "S8 and C8 with compression 80: error at most 10 points above clean images",
        _near(10, *_beside_clean(NOISES, GRAY_JPEG)),
    ),
    *[
        Claim(
            f"{kind}_alone",
            f"{meaning} alone does little.",
            "S8 and C8, 0.10: error at most 10 points below that with crop + flip alone",
            _near(
                10,
                *[(_error(name), _error(name, f"{kind}_noise-0.10+crop_flip")) for name in NOISES],
            ),
        )
        for kind, meaning in (
            ("uniform", "The uniform noise in [0, sigma) that the thesis's code drew"),
            ("gaussian", "True Gaussian noise (not in the thesis)"),
        )
    ],
    *[
        Claim(
            f"grayscale_{kind}",
            f"Grayscale with {meaning} does a lot.",
            "S8 and C8, 0.10: error at most 10 points above clean images",
            _near(10, *_beside_clean(NOISES, f"grayscale+{kind}_noise-0.10+crop_flip")),
        )
        for kind, meaning in (
            ("uniform", "that uniform noise"),
            ("gaussian", "true Gaussian noise (not in the thesis)"),
        )
    ],
    Claim(
        "pgd",
        "PGD training with the ball of the noise restores.",
        "S8 and C8 with PGD 8/255: error at most 5 points above clean images",
        _near(5, *_beside_clean(NOISES, FLIP, "pgd-8/255")),
    ),
    Claim(
        "fgsm",
        "FGSM training restores less reliably.",
        "S4, C4, S8, C8 with the ball of the noise: what it leaves above clean images is on "
        "average at least 5 points more than with PGD",
        _fgsm_less_reliable,
    ),
    Claim(
        "made_on_gray",
        "Noise made on grayscale images resists grayscale more.",
        "with grayscale: error on S8* at least 5 points above S8, on C8* above C8",
        _above(5, *[(_error(f"{name}*", GRAY), _error(name, GRAY)) for name in NOISES]),
    ),
    *[
        Claim(
            name,
            f"{meaning} does not help.",
            "S8 and C8, no crop or flip: error at most 10 points below that without it",
            _near(
                10,
                *[(_error(data, "none"), _error(data, each)) for data in NOISES for each in names],
            ),
        )
        for name, meaning, names in (
            ("dropout", "Coarse dropout", ("coarse_dropout-3x3", "coarse_dropout-4x4")),
            ("median", "Median blur", ("median_blur-3",)),
        )
    ],
    Claim(
        "grayaug",
        "GrayAug noise survives grayscale (Liu et al.).",
        "8/255: error on G8 at least 20 points above clean images, with and without grayscale",
        _above(20, *_beside_clean(("G8",)), *_beside_clean(("G8",), GRAY)),
    ),
]
