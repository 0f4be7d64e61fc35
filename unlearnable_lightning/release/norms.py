"""Sizes of differences, each beside what a bound of that size allows them.

Each function takes grey levels, int8 or int16 [R, C, H, W], and the value of a bound (see `Bound`);
it returns the largest size that occurs, the largest allowed, and the unit of both.
"""

import math
from collections.abc import Iterator

from torch import Tensor

from unlearnable_lightning.pixels import floor_grey_levels

_CHUNK = 2**20  # entries at a time: squares are int64, eight times what the grey levels take


def linf(difference: Tensor, value: float) -> tuple[int, int, str]:
    """The largest change of a pixel in any channel."""
    low, high = (int(end) for end in difference.aminmax())
    return max(-low, high), floor_grey_levels(value), "grey levels"


def l2(difference: Tensor, value: float) -> tuple[float, float, str]:
    """The longest change of an image, with half a grey level per entry for the rounding."""
    longest = max(
        int(rows.long().square_().flatten(1).sum(1).max()) for rows in _chunks(difference)
    )
    rounding = math.sqrt(difference[0].numel()) / 2
    return math.sqrt(longest) / 255, (value * 255 + rounding + 1e-6) / 255, "(length, of [0, 1])"


def l0(difference: Tensor, value: float) -> tuple[int, int, str]:
    """The most places of an image that change, in any channel."""
    most = max(int(rows.ne(0).any(1).flatten(1).sum(1).max()) for rows in _chunks(difference))
    return most, int(value), "places"


def _chunks(difference: Tensor) -> Iterator[Tensor]:
    step = max(1, _CHUNK // difference[0].numel())
    for start in range(0, len(difference), step):
        yield difference[start : start + step]
