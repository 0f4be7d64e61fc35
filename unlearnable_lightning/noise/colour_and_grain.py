"""What the log of a run says of its noise: how colourful and how fine it is."""

from math import prod

import torch

from unlearnable_lightning.data import ImageDataset
from unlearnable_lightning.inspection import Pair, colour, spectrum
from unlearnable_lightning.pixels import add
from unlearnable_lightning.release import Release

_IMAGES = 1000  # 0.1 s for CIFAR-10; the shares of 5 000 differ by less than 0.01
_NUMBERS = 2**24  # of all of them together: 67 MB as float32


def colour_and_grain(release: Release, dataset: ImageDataset) -> dict[str, float]:
    """Of the change of at most 1 000 images, evenly spread, in 8 bits as they are published.

    Args:
        release: of the images of `dataset`.
        dataset: the training images.

    Returns:
        `noise/luma_share`, `noise/red_green` and the like of RGB images (`Colour`), and
        `noise/mean_radius` and `noise/low_share` (`Spectrum`).
    """
    labels = dataset.labels
    count = min(_IMAGES, max(1, _NUMBERS // prod(dataset.source.shape[1:])))
    rows = torch.arange(0, len(labels), -(-len(labels) // count))
    clean = dataset.clean.index_select(0, rows)
    pair = Pair(clean, add(clean, release.difference_for(labels[rows], rows)), labels[rows])
    hue, grain = colour(pair), spectrum(pair)
    found = {"mean_radius": grain.mean_radius, "low_share": grain.low_share}
    if hue is not None:
        found |= vars(hue)
    return {f"noise/{name}": value for name, value in found.items()}
