"""How large a noise is, in grey levels, of one image after the other."""

from dataclasses import dataclass

import torch
from torch import Tensor

from unlearnable_lightning.inspection.pair import Pair


@dataclass(frozen=True)
class Size:
    """A norm over the images: its mean and its largest value."""

    mean: float
    largest: float


@dataclass(frozen=True)
class Sizes:
    """Norms of the noise of an image, over all its C·H·W numbers.

    Attributes:
        l0_pixels: how many places change, in any channel.
        l2_grey_levels: length of the change; divided by 255 it is that of pixels in [0, 1].
        linf_grey_levels: largest change of a number.
        mean_grey_levels: mean over all numbers of all images; near 0 for symmetric noise. A noise
            that was floored instead of rounded has about -0.5.
    """

    l0_pixels: Size
    l2_grey_levels: Size
    linf_grey_levels: Size
    mean_grey_levels: float


def sizes(pair: Pair) -> Sizes:
    """Norms of the noise of the images of `pair`."""
    parts = [part * 255 for part in pair.changes()]
    places = torch.cat([part.ne(0).any(1).flatten(1).sum(1).float() for part in parts])
    lengths = torch.cat([part.flatten(1).norm(dim=1) for part in parts])
    largest = torch.cat([part.flatten(1).abs().amax(1) for part in parts])
    mean = sum(part.sum(dtype=torch.float64).item() for part in parts) / pair.change.numel()
    return Sizes(_size(places), _size(lengths), _size(largest), mean)


def _size(values: Tensor) -> Size:
    return Size(values.mean().item(), values.max().item())
