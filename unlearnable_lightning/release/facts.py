"""What a release does to its images, in numbers."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from unlearnable_lightning.release.release import Release

_CHUNK = 2048  # images at a time
_SHIFTED = 0.3  # grey levels; a floor leaves half of one


@dataclass(frozen=True)
class Facts:
    """Sizes of the differences, as they are in the release.

    Attributes:
        images: N.
        touched: how many of them change.
        linf: the largest change of a pixel, in grey levels.
        l2: the length of the longest change of an image, in pixels of [0, 1].
        mean_l2: the mean length over the images that change.
        mean: of all entries over the images that change, in grey levels.
    """

    images: int
    touched: int
    linf: int
    l2: float
    mean_l2: float
    mean: float

    def lines(self) -> list[str]:
        """For a reader."""
        share = self.touched / self.images
        lines = [
            f"Bound found: L∞ {self.linf} grey levels ({self.linf}/255); L2 {self.l2:.3f} at most, "
            f"{self.mean_l2:.3f} on average, in pixels of [0, 1]",
            f"Mean of q: {self.mean:+.3f} grey levels",
            f"Images touched: {share:.1%} ({self.touched} of {self.images})",
        ]
        if abs(self.mean) >= _SHIFTED:
            lines[1] += (
                ". Additive noise has a mean near 0: a floor instead of a rounding, or negative "
                "values that were cut, shift it; what replaces pixels has one of its own"
            )
        return lines


def facts_of(release: Release, labels: Tensor) -> Facts:
    """Goes over all images.

    Args:
        release: of any kind.
        labels: int64 [N], of its images.
    """
    rows = torch.arange(len(labels)) if release.rows is None else release.rows
    touched, total, squares, lengths, largest, entries = 0, 0, 0, 0.0, 0, 0
    for place in rows.split(_CHUNK):
        levels = release.difference_for(labels[place], place).flatten(1)
        low, high = (int(end) for end in levels.aminmax())
        square = levels.long().square().sum(1)
        touched += int(square.count_nonzero())
        total += int(levels.sum(dtype=torch.int64))
        lengths += float(square.double().sqrt().sum())
        squares, largest = max(squares, int(square.max())), max(largest, -low, high)
        entries = levels.shape[1]
    return Facts(
        images=len(labels),
        touched=touched,
        linf=largest,
        l2=math.sqrt(squares) / 255,
        mean_l2=lengths / 255 / max(touched, 1),
        mean=total / max(touched * entries, 1),
    )
