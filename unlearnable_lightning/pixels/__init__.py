"""8-bit arithmetic: amounts of pixels, grey levels, sums that are clipped. No files."""

from unlearnable_lightning.pixels.checks import as_indices, check_images
from unlearnable_lightning.pixels.epsilon import as_pixels, as_step
from unlearnable_lightning.pixels.grey_levels import (
    DIFFERENCES,
    add,
    check_levels,
    floor_grey_levels,
    quantize,
)

__all__ = [
    "DIFFERENCES",
    "add",
    "as_indices",
    "as_pixels",
    "as_step",
    "check_images",
    "check_levels",
    "floor_grey_levels",
    "quantize",
]
