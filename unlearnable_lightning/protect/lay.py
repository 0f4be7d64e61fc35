"""Noise of the working size laid on a picture of any size and shape.

A network's loader brings the shorter side to its size and takes the square in the middle. So the
noise covers that square, and goes on beyond it as in a mirror: a loader that squeezes the whole
picture, or crops elsewhere, meets the pattern of the class too.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

_ROWS = 256  # of one strip: floats of 24 megapixels would take 290 MB


def axis_matrix(length: int, side: int, size: int) -> Tensor:
    """What one axis of a picture takes from the noise: float [length, size].

    Args:
        length: of the axis, in pixels.
        side: of the square in the middle, in pixels; at most `length`.
        size: of the noise.
    """
    # one image of units: of images one pixel wide torch 2.14 makes another picture. Antialiased
    # where the picture is smaller than the noise
    units = torch.eye(size)[None, None]
    square = F.interpolate(units, (side, size), mode="bicubic", antialias=True)[0, 0]
    place = torch.arange(length) - (length - side) // 2
    place = place.remainder(2 * side)  # 0 … side - 1 and back again
    return square[torch.where(place < side, place, 2 * side - 1 - place)]


def strips(noise: Tensor, height: int, width: int, limit: int) -> Iterator[tuple[int, Tensor]]:
    """The noise of a picture, some rows at a time.

    Args:
        noise: grey levels [C, s, s], of any type.
        height: of the picture, in pixels.
        width: of the picture, in pixels.
        limit: no pixel changes by more grey levels.

    Yields:
        The first row of a strip and its noise, int16 [C, rows, width].
    """
    side, size = min(height, width), noise.shape[-1]
    down, across = axis_matrix(height, side, size), axis_matrix(width, side, size)
    wide = noise.float() @ across.T
    for start in range(0, height, _ROWS):
        rows = down[start : start + _ROWS] @ wide
        yield start, rows.round_().clamp_(-limit, limit).to(torch.int16)
