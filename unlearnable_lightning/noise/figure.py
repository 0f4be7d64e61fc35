"""Pictures of noise: masks (the thesis's Figures 3.3, A.2, A.3) and triples (Figure 2.4)."""

import torch
from torch import Tensor

from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import add, as_pixels


def mask(grey_levels: Tensor, epsilon: float) -> Tensor:
    """Noise made visible: -epsilon is black, none is mid-grey, +epsilon is white.

    Args:
        grey_levels: whole grey levels [B, C, H, W], of any integer type.
        epsilon: bound of the noise, in pixels of [0, 1] (`Release.amplitude`).

    Returns:
        float [B, C, H, W] in [0, 1].

    Raises:
        UnlearnableError: noise that is no integers, such as perturbations in pixels of [0, 1], or
            an epsilon out of range.
    """
    if grey_levels.is_floating_point() or grey_levels.dtype == torch.bool:
        raise UnlearnableError(
            f"grey_levels are {grey_levels.dtype}; they must be integers, such as the int8 values "
            "of a noise file. Turn perturbations in pixels of [0, 1] into them with quantize()."
        )
    epsilon = as_pixels(epsilon)
    return (grey_levels.float() / (2 * 255 * epsilon) + 0.5).clamp_(0, 1)


def triples(images: Tensor, grey_levels: Tensor, epsilon: float, scale: int = 3) -> Tensor:
    """A grid with the clean images, the noise and the poisoned images, a row each.

    Args:
        images: uint8 [B, C, H, W].
        grey_levels: [B, C, H, W], the noise of each, in whole grey levels.
        epsilon: bound of the noise, in pixels of [0, 1] (`Release.amplitude`).
        scale: how many times larger than life.

    Returns:
        float [3, height, width] in [0, 1].

    Raises:
        UnlearnableError: as `mask` does; images that are not uint8, or of another shape than the
            noise.
    """
    if images.dtype != torch.uint8 or images.ndim != 4 or images.shape != grey_levels.shape:
        raise UnlearnableError(
            f"images are {images.dtype} {tuple(images.shape)} and grey_levels "
            f"{tuple(grey_levels.shape)}; both must be [B, C, H, W], a noise for each image, and "
            "images uint8 with values 0 to 255."
        )
    from torchvision.utils import make_grid  # 1 s, which who only makes noise need not wait for

    whole_number("scale", scale, 1, "a picture is at least life-size")
    noise = mask(grey_levels, epsilon)
    rows = torch.cat([images / 255, noise, add(images, grey_levels) / 255])
    rows = rows.repeat_interleave(scale, dim=2).repeat_interleave(scale, dim=3)
    grid: Tensor = make_grid(rows, nrow=len(images), padding=2 * scale, pad_value=1.0)
    return grid
