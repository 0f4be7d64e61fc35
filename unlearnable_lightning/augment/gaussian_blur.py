"""Gaussian blur (the low-pass filter that ISS, arXiv 2301.13838, and APBench mean to try)."""

from typing import Any

import torch
from kornia.augmentation import IntensityAugmentationBase2D
from torch import Tensor

from unlearnable_lightning.augment.blur import blur, check_kernel_size, dot
from unlearnable_lightning.augment.check import check_probability
from unlearnable_lightning.errors import UnlearnableError


class GaussianBlur(IntensityAugmentationBase2D):
    """Convolve every channel with exp(-d² / (2 sigma²)), normalised to sum 1, in 8 bits.

    Of 3 weights per axis the middle one is 0.787 at sigma 0.5 and 0.452 at 1.0. Both published
    benchmarks have a column of sigma 0.1, whose neighbour weight is 2e-22: the identity. A sigma
    that leaves a white dot as it is, is refused.

    Args:
        sigma: standard deviation in pixels.
        kernel_size: width of the window in pixels, odd and at least 3.
        p: probability with which an image is blurred.

    Raises:
        UnlearnableError: this sigma changes nothing in 8 bits, `kernel_size` is even or below 3, or
            `p` is no probability.

    Example:
        >>> blurred = GaussianBlur(sigma=1.0)(torch.rand(8, 3, 32, 32))
    """

    def __init__(self, sigma: float = 1.0, kernel_size: int = 3, p: float = 1.0) -> None:
        check_kernel_size("GaussianBlur", kernel_size)
        if not 0 < sigma < float("inf"):
            raise UnlearnableError(
                f"GaussianBlur got sigma={sigma}, but it must be above 0. Give one, such as 1.0."
            )
        super().__init__(p=check_probability("GaussianBlur's p", p))
        self.sigma, self.kernel_size = sigma, kernel_size
        self.flags = {"sigma": sigma, "kernel_size": kernel_size}
        self.weights = gaussian(sigma, kernel_size)
        if (dot(self.weights) > 0).sum() == 1:
            raise UnlearnableError(
                f"GaussianBlur got sigma={sigma}, which leaves a white pixel on black as it is in "
                "8 bits: it blurs nothing. Give 0.5 or 1.0 (the unit is pixels)."
            )

    def apply_transform(
        self,
        input: Tensor,
        params: dict[str, Tensor],
        flags: dict[str, Any],
        transform: Tensor | None = None,
    ) -> Tensor:
        """Images [B, C, H, W] in [0, 1] to the same, at multiples of 1/255."""
        return blur(input, self.weights)


def gaussian(sigma: float, kernel_size: int) -> Tensor:
    """Weights float32 [kernel_size] of sum 1."""
    distance = torch.arange(kernel_size, dtype=torch.float64) - kernel_size // 2
    weights = torch.exp(-0.5 * (distance / sigma) ** 2)
    return (weights / weights.sum()).float()
