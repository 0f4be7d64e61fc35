"""Additive uniform noise: thesis Figures 3.6 and 3.7, where it is called "Gaussian"."""

import math
from typing import Any

import torch
from kornia.augmentation import IntensityAugmentationBase2D
from torch import Tensor

from unlearnable_lightning.augment.check import check_probability
from unlearnable_lightning.errors import UnlearnableError


class UniformNoise(IntensityAugmentationBase2D):
    """Add noise of U[low, high) to every value and clamp to [0, 1].

    The thesis's code drew U[0, sigma), which also brightens the image by sigma / 2, and called it
    Gaussian: `UniformNoise(0, sigma)` lets its figures be compared. The noise is drawn on the
    images' device and, unlike kornia's, not kept (so not replayed by `params`).

    Args:
        low: lower end of the noise in pixels of [0, 1]; may be negative.
        high: upper end of the noise, above `low`.
        p: probability with which an image gets noise.

    Raises:
        UnlearnableError: `high` is not above `low`, one is not finite, or `p` is no probability.
    """

    def __init__(self, low: float, high: float, p: float = 1.0) -> None:
        if not -math.inf < low < high < math.inf:
            raise UnlearnableError(
                f"UniformNoise got low={low} and high={high}, but low must be below high, "
                "both finite. Swap or change them, such as low=0, high=0.1."
            )
        super().__init__(p=check_probability("UniformNoise's p", p))
        self.low, self.high = low, high
        self.flags = {"low": low, "high": high}

    def apply_transform(
        self,
        input: Tensor,
        params: dict[str, Tensor],
        flags: dict[str, Any],
        transform: Tensor | None = None,
    ) -> Tensor:
        """Images [B, C, H, W] in [0, 1] to the same."""
        noise = torch.rand_like(input[:1] if self.same_on_batch else input)
        return noise.mul_(self.high - self.low).add_(self.low).add(input).clamp_(0, 1)
