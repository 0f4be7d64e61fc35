"""Additive Gaussian noise (compare thesis Figure 3.6), with the distribution that its name says."""

import math
from typing import Any

import torch
from kornia.augmentation import IntensityAugmentationBase2D
from torch import Tensor

from unlearnable_lightning.augment.check import check_probability
from unlearnable_lightning.errors import UnlearnableError


class GaussianNoise(IntensityAugmentationBase2D):
    """Add noise of N(0, std²) to every value and clamp to [0, 1].

    The thesis's figures under this name were made with uniform noise: see `UniformNoise`. The noise
    is drawn on the images' device and, unlike kornia's, not kept (so not replayed by `params`).

    Args:
        std: standard deviation in pixels of [0, 1], above 0.
        p: probability with which an image gets noise.

    Raises:
        UnlearnableError: `std` is not above 0 or not finite, or `p` is no probability.
    """

    def __init__(self, std: float, p: float = 1.0) -> None:
        if not 0 < std < math.inf:
            raise UnlearnableError(
                f"GaussianNoise got std={std}, but it must be above 0. Give one, such as 0.1, or "
                "leave the augmentation out."
            )
        super().__init__(p=check_probability("GaussianNoise's p", p))
        self.std = std
        self.flags = {"std": std}

    def apply_transform(
        self,
        input: Tensor,
        params: dict[str, Tensor],
        flags: dict[str, Any],
        transform: Tensor | None = None,
    ) -> Tensor:
        """Images [B, C, H, W] in [0, 1] to the same."""
        noise = torch.randn_like(input[:1] if self.same_on_batch else input)
        return noise.mul_(self.std).add(input).clamp_(0, 1)
