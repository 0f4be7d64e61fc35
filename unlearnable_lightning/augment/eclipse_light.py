"""ECLIPSE's augmentation: Wang et al., "ECLIPSE: Expunging Clean-label Indiscriminate Poisons via
Sparse Diffusion Purification", ESORICS 2024, arXiv 2406.15093."""

import torch
from torch import Tensor, nn

from unlearnable_lightning.augment.check import check_float
from unlearnable_lightning.augment.eight_bits import eight_bits
from unlearnable_lightning.augment.gaussian_noise import GaussianNoise
from unlearnable_lightning.augment.grayscale import Grayscale


class EclipseLight(nn.Module):
    """The paper's "lightweight corruption compensation", without its diffusion model.

    An image becomes gray with probability 0.4, then N(0, 0.05²) is added to every value; the result
    is clipped and in 8 bits. The paper applies it after crop and flip.

    Args:
        p_gray: probability of gray.
        std: standard deviation of the noise in pixels of [0, 1], above 0.

    Raises:
        UnlearnableError: `p_gray` is no probability, or `std` is not above 0.

    Example:
        >>> light = EclipseLight()(torch.rand(8, 3, 32, 32))
    """

    def __init__(self, p_gray: float = 0.4, std: float = 0.05) -> None:
        super().__init__()
        self.gray, self.noise = Grayscale(p_gray), GaussianNoise(std)

    def forward(self, images: Tensor) -> Tensor:
        """Images [B, 1 or 3, H, W] in [0, 1] to the same, at multiples of 1/255."""
        check_float("EclipseLight", images)
        noisy: Tensor = self.noise(self.gray(images))
        return eight_bits(noisy.to(torch.float32)).to(images.dtype)
