"""Differences in whole grey levels, as an 8-bit image can take them."""

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels.checks import check_uint8
from unlearnable_lightning.pixels.epsilon import as_pixels

DIFFERENCES = (torch.int8, torch.int16)


def floor_grey_levels(epsilon: float | str) -> int:
    """The largest whole number of grey levels within epsilon (7.65 → 7, exactly 8/255 → 8).

    Raises:
        UnlearnableError: epsilon is no amount of pixels in [0, 1].
    """
    return int(255 * as_pixels(epsilon) + 1e-6)  # 255 · (8 / 255) may be a bit below 8


def quantize(delta: Tensor, epsilon: float | str) -> Tensor:
    """Perturbations in pixels of [0, 1] as grey levels: rounded to nearest, within epsilon.

    Args:
        delta: float, any shape; what lies beyond epsilon is clipped to it.
        epsilon: bound, in pixels of [0, 1].

    Returns:
        int8, the same shape; int16 if epsilon is above 127/255, which int8 cannot hold.

    Raises:
        UnlearnableError: `delta` is not float or not finite, or epsilon is out of range.
    """
    if not delta.is_floating_point():
        raise UnlearnableError(
            f"delta is {delta.dtype}; it must be float, in pixels of [0, 1]. Grey levels are whole "
            "already: divide them by 255, or leave quantize out."
        )
    if not torch.isfinite(delta).all():
        raise UnlearnableError(
            "delta has elements that are NaN or infinite; a grey level is a number. Lower the step "
            "or learning rate that made them."
        )
    limit = floor_grey_levels(epsilon)
    levels = delta.float().mul(255).round_().clamp_(-limit, limit)
    return levels.to(torch.int8 if limit <= 127 else torch.int16)


def add(images: Tensor, difference: Tensor) -> Tensor:
    """clip(images + difference, 0, 255), exact in 8 bits.

    Args:
        images: uint8, any shape.
        difference: int8 or int16 grey levels from -255 to 255, the same shape.

    Returns:
        uint8, the same shape.

    Raises:
        UnlearnableError: another dtype, shape or range.
    """
    check_uint8(images)
    check_levels(difference)
    if images.shape != difference.shape:
        raise UnlearnableError(
            f"images have shape {tuple(images.shape)}, their difference {tuple(difference.shape)}; "
            "they must be the same. Lay one difference on many images with difference.expand_as."
        )
    # int16 holds every sum: 255 + 255 is far below 32767
    return images.to(torch.int16).add_(difference).clamp_(0, 255).to(torch.uint8)


def check_levels(difference: Tensor) -> None:
    """Refuses what is no difference of 8-bit pixels: int8 or int16, from -255 to 255.

    Raises:
        UnlearnableError: another type, dtype or range.
    """
    if not isinstance(difference, Tensor) or difference.dtype not in DIFFERENCES:
        what = difference.dtype if isinstance(difference, Tensor) else type(difference).__name__
        raise UnlearnableError(
            f"the difference is {what}; it must be int8 or int16 grey levels. Convert floats in "
            "pixels of [0, 1] with quantize(delta, epsilon)."
        )
    if difference.dtype == torch.int8 or not difference.numel():
        return
    low, high = (int(end) for end in difference.aminmax())
    if low < -255 or high > 255:
        raise UnlearnableError(
            f"the difference runs from {low} to {high} grey levels; pixels of 8 bits differ by at "
            "most 255."
        )
