"""Whether the noise is a linear shortcut, also after pixel defences, and whether it shows."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from unlearnable_lightning.inspection.pair import Pair
from unlearnable_lightning.inspection.pixel_defences import pixel_defences
from unlearnable_lightning.inspection.probe import Accuracy, linear_probe


@dataclass(frozen=True)
class Separability:
    """Of the noise itself, or of what a defence leaves of it.

    Attributes:
        accuracy: of a linear probe on T(poisoned) - T(clean).
        energy: mean square of that over the mean square of the noise. It may exceed 1: JPEG turns
            a small change into whole steps of its tables.
        kept: of the noise in that: their inner product over the mean square of the noise. 1 is all
            of it, 0 nothing; what a defence adds of its own hardly counts.
    """

    accuracy: Accuracy
    energy: float
    kept: float


def separability(pair: Pair, seed: int = 0) -> dict[str, Separability]:
    """Of the noise (`none`) and of what each pixel defence leaves, by the defence's title."""
    defences: dict[str, Callable[[Tensor], Tensor]] = {"none": lambda images: images}
    defences |= pixel_defences(pair.clean.shape[1])
    energy = _inner(pair, pair)
    found = {}
    for title, defence in defences.items():
        left = Pair(defence(pair.clean), defence(pair.poisoned), pair.labels)
        accuracy = linear_probe(left.change, left.labels, seed)
        shares = (
            (_inner(left, left) / energy, _inner(left, pair) / energy) if energy else (0.0, 0.0)
        )
        found[title] = Separability(accuracy, *shares)
    return found


def detection(images: Tensor, labels: Tensor, seed: int = 0) -> Accuracy:
    """A linear probe (no bias) on the images, which a defender without clean data can fit.

    Of clean images of CIFAR-10 it names four in ten right; of images with a linear shortcut nine.

    Args:
        images: uint8 [N, C, H, W]; the probe sees them from -0.5 to 0.5.
        labels: int64 [N].
        seed: of the split.
    """
    return linear_probe(images.float().div_(255).sub_(0.5), labels, seed, bias=False)


def _inner(one: Pair, other: Pair) -> float:
    parts = zip(one.changes(), other.changes(), strict=True)
    return sum((a * b).sum().item() for a, b in parts)
