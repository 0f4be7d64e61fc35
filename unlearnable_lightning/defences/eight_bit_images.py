"""Between the images of a data set and what a purifier calculates with."""

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError


def as_pixels_of(images: Tensor) -> Tensor:
    """float32 in pixels of [0, 1], of uint8 images or of float ones that are so already."""
    return images.float() / 255 if images.dtype == torch.uint8 else images.float()


def as_uint8(pixels: Tensor) -> Tensor:
    """uint8, rounded, of float pixels; what leaves [0, 1] is clamped and does not wrap around.

    Raises:
        UnlearnableError: values that are not finite.
    """
    if not pixels.isfinite().all():
        raise UnlearnableError(
            "a defence made infinite or NaN pixels. Correct its model, or give it a lower rate."
        )
    return (pixels.clamp(0, 1) * 255).round().to(torch.uint8)
