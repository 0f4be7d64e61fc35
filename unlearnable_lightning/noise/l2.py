"""Noise of a given L2 norm, in grey levels."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError


def l2_for(shape: Sequence[int], l2: float | None, root_mean_square: float) -> float:
    """The norm that was asked for, or the usual one for images of this size.

    Args:
        shape: (C, H, W).
        l2: the norm over all C·H·W numbers of an image's noise, pixels in [0, 1]; null takes
            root_mean_square·√(C·H·W), the same strength for images of any size.
        root_mean_square: of a pixel, in [0, 1].

    Raises:
        UnlearnableError: a norm that rounds to no noise (a bound per pixel, such as 8/255, taken
            for an L2), or one beyond what pixels can hold.
    """
    full = math.sqrt(math.prod(shape))
    if l2 is None:
        return root_mean_square * full
    least = full / 510  # half a grey level in every pixel
    if not least <= l2 <= full:
        raise UnlearnableError(
            f"l2={l2} is out of range: it is the norm over all {'×'.join(map(str, shape))} numbers "
            f"of an image's noise, so it must be at least {least:.3g}, below which noise rounds to "
            f"nothing in 8 bits, and at most {full:.3g}. The usual one here is "
            f"{root_mean_square * full:.4g}."
        )
    return l2


def scaled(noise: Tensor, l2: float) -> Tensor:
    """The same noise at a given norm.

    Args:
        noise: float [n, C, H, W], none of them all zero.
        l2: of each, pixels in [0, 1].

    Returns:
        As `noise`.
    """
    lengths: Tensor = noise.flatten(1).norm(dim=1)
    return noise * (l2 / lengths).view(-1, 1, 1, 1)


def grey_levels(noise: Tensor) -> Tensor:
    """Pixels in [0, 1] to the nearest grey level: int16, between -255 and 255."""
    return (255 * noise).round_().clamp_(-255, 255).to(torch.int16)
