"""Pictures of noise: masks (the thesis's Figures 3.3, A.2, A.3) and triples (Figure 2.4)."""

import torch
from torch import Tensor
from torchvision.utils import make_grid

from unlearnable_lightning.pixels import add


def mask(grey_levels: Tensor, epsilon: float) -> Tensor:
    """Noise made visible: -epsilon is black, none is mid-grey, +epsilon is white.

    Args:
        grey_levels: int8 or int16 [B, C, H, W].
        epsilon: bound of the noise, in pixels of [0, 1] (`Release.amplitude`).

    Returns:
        float [B, C, H, W] in [0, 1].
    """
    return (grey_levels.float() / (2 * 255 * epsilon) + 0.5).clamp_(0, 1)


def triples(images: Tensor, grey_levels: Tensor, epsilon: float, scale: int = 3) -> Tensor:
    """A grid with the clean images, the noise and the poisoned images, a row each.

    Args:
        images: uint8 [B, C, H, W].
        grey_levels: int8 or int16 [B, C, H, W], the noise of each.
        epsilon: bound of the noise, in pixels of [0, 1] (`Release.amplitude`).
        scale: how many times larger than life.

    Returns:
        float [3, height, width] in [0, 1].
    """
    poisoned = add(images, grey_levels)
    rows = torch.cat([images / 255, mask(grey_levels, epsilon), poisoned / 255])
    rows = rows.repeat_interleave(scale, dim=2).repeat_interleave(scale, dim=3)
    return make_grid(rows, nrow=len(images), padding=2 * scale, pad_value=1.0)
