"""Principal components of a noise, and how much of it lies between the classes."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from unlearnable_lightning.inspection.by_class import class_means
from unlearnable_lightning.inspection.pair import Pair

COMPONENTS = 50  # what t-SNE takes
_ROUNDING = 1e-10  # of the energy of the noise; float32 leaves 1e-14 where there is no variance


@dataclass(frozen=True)
class Components:
    """Of the noise of N images, each a point.

    Attributes:
        variance: shares of the noise's variance that the first components explain, at most 50.
        class_means_share: share of the noise's variance that lies between the means of the classes.
        class_means_variance: shares of the variance of the class means that their own components
            explain, at most K - 1.
        points: float32 [N, at most 50], the images in these components.
    """

    variance: tuple[float, ...]
    class_means_share: float
    class_means_variance: tuple[float, ...]
    points: Tensor = field(repr=False)


def components(pair: Pair, seed: int = 0) -> Components:
    """Of the noise of `pair`.

    Args:
        pair: of at least two images and at least two classes.
        seed: of the first guess of the randomised decomposition, by which the shares differ in the
            third digit.

    Returns:
        All shares 0 for the same noise on every image, which has no variance.
    """
    points = pair.change.flatten(1).float().div_(255)
    rounding = _ROUNDING * points.square().sum().item()
    points -= (pair.change.flatten(1).sum(0, dtype=torch.float64) / (255 * len(pair))).float()
    total = points.square().sum().item()
    if total <= rounding:
        points.zero_()
        total = 1.0
    axes = _axes(points, min(COMPONENTS, *points.shape), seed)
    placed = points @ axes
    means = class_means(pair).flatten(1)
    counts = pair.labels.unique(return_counts=True)[1].float()
    means -= (counts @ means) / counts.sum()
    if (counts @ means.square().sum(1)).item() <= rounding:
        means.zero_()
    return Components(
        tuple((placed.square().sum(0) / total).tolist()),
        (counts @ means.square().sum(1)).item() / total,
        _shares(counts.sqrt()[:, None] * means),
        placed,
    )


def _axes(points: Tensor, count: int, seed: int) -> Tensor:
    """Columns [D, count], the largest first; their signs are fixed by their largest number."""
    with torch.random.fork_rng(devices=[]):  # svd_lowrank takes no generator
        torch.manual_seed(seed)
        _, _, axes = torch.svd_lowrank(points, count, niter=4)
    largest = axes.gather(0, axes.abs().argmax(0, keepdim=True))
    signed: Tensor = axes * largest.sign()
    return signed


def _shares(means: Tensor) -> tuple[float, ...]:
    squares = torch.linalg.svdvals(means.double())[: len(means) - 1].square()
    return tuple((squares / squares.sum().clamp(min=1e-30)).tolist())
