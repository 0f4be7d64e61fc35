"""Mean blur (a box filter; one of the low-pass filters of ISS, arXiv 2301.13838)."""

from typing import Any

import torch
from kornia.augmentation import IntensityAugmentationBase2D
from torch import Tensor

from unlearnable_lightning.augment.blur import blur, check_kernel_size
from unlearnable_lightning.augment.check import check_probability


class MeanBlur(IntensityAugmentationBase2D):
    """Replace every value by the mean of its square window, channel by channel, in 8 bits.

    Args:
        kernel_size: width of the window in pixels, odd and at least 3.
        p: probability with which an image is blurred.

    Raises:
        UnlearnableError: `kernel_size` is even or below 3, or `p` is no probability.

    Example:
        >>> blurred = MeanBlur(3)(torch.rand(8, 3, 32, 32))
    """

    def __init__(self, kernel_size: int = 3, p: float = 1.0) -> None:
        check_kernel_size("MeanBlur", kernel_size)
        super().__init__(p=check_probability("MeanBlur's p", p))
        self.kernel_size = kernel_size
        self.flags = {"kernel_size": kernel_size}
        self.weights = torch.full((kernel_size,), 1 / kernel_size)

    def apply_transform(
        self,
        input: Tensor,
        params: dict[str, Tensor],
        flags: dict[str, Any],
        transform: Tensor | None = None,
    ) -> Tensor:
        """Images [B, C, H, W] in [0, 1] to the same, at multiples of 1/255."""
        return blur(input, self.weights)
