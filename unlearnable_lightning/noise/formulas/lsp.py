"""LSP, linearly separable synthetic patches (Yu et al., KDD 2022, arXiv 2111.00898).

Every class has a Gaussian cluster; every image gets a sample of its class's cluster, each number
of it blown up to a tile.
"""

import math

import torch
from torch import Tensor

from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.by_class import rows_by_class
from unlearnable_lightning.noise.l2 import grey_levels, l2_for, scaled

_SEPARATION = 10  # of a centroid's coordinates from 0; a cluster's standard deviation is √(P/3)


def lsp(
    images: Tensor,
    labels: Tensor,
    generator: torch.Generator,
    l2: float | None = None,
    tile: int = 8,
) -> Tensor:
    """Noise of one colour per tile, clustered by class. L2 is its only bound.

    Args:
        images: uint8 [N, C, H, W].
        labels: int64 [N].
        generator: of the clusters and samples.
        l2: norm of an image's noise, pixels in [0, 1]; null takes 6/255·√(C·H·W), which is 1.3041
            for 3×32×32.
        tile: side of a tile in pixels; those at the right and lower edge may be cut.

    Returns:
        int16 [N, C, H, W], differences in grey levels, not clipped to the image.

    Raises:
        UnlearnableError: more classes than corners of a cube of P = C·⌈H/tile⌉·⌈W/tile⌉ sides
            (2^P); a tile or a norm out of range.
    """
    rows_of = rows_by_class(images, labels)
    channels, height, width = images.shape[1:]
    norm = l2_for(images.shape[1:], l2, root_mean_square=6 / 255)
    tile = whole_number("tile", tile, 1, "a tile has a side of at least 1 pixel, usually 8")
    grid = channels, math.ceil(height / tile), math.ceil(width / tile)
    numbers = math.prod(grid)
    if len(rows_of) > 2**numbers:
        raise UnlearnableError(
            f"{len(rows_of)} classes, but tile={tile} leaves {numbers} tiles and channels and so "
            f"only {2**numbers} different corners. Take a smaller tile."
        )
    noise = torch.empty(images.shape, dtype=torch.int16)
    taken: set[tuple[int, ...]] = set()
    for pieces in rows_of:
        corner = _new_corner(numbers, taken, generator)
        spread = torch.rand(numbers, numbers, generator=generator, dtype=torch.float64) * 2 - 1
        for rows in pieces:
            sample = torch.randn(len(rows), numbers, generator=generator, dtype=torch.float64)
            features = sample @ spread + _SEPARATION * corner
            tiles = features.view(-1, *grid)
            whole = tiles.repeat_interleave(tile, 2).repeat_interleave(tile, 3)
            noise[rows] = grey_levels(scaled(whole[:, :, :height, :width], norm))
    return noise


def _new_corner(numbers: int, taken: set[tuple[int, ...]], generator: torch.Generator) -> Tensor:
    """A corner of the cube {-1, 1}^P that no class has yet, float64 [P]."""
    while True:
        corner = torch.randint(2, (numbers,), generator=generator) * 2 - 1
        if (key := tuple(corner.tolist())) not in taken:
            taken.add(key)
            return corner.double()
