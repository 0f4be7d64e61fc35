"""A control: random signs for each class (Sandoval-Segura et al., arXiv 2204.08615)."""

import torch
from torch import Generator, Tensor

from unlearnable_lightning.pixels import quantize


def signs(shape: tuple[int, ...], generator: Generator, epsilon: float) -> Tensor:
    """epsilon · sign(N(0, 1)) for every value, in grey levels.

    Args:
        shape: of the noise, such as [K, C, H, W].
        generator: of the draws.
        epsilon: in pixels of [0, 1].

    Returns:
        int8, of that shape; every value is at the bound.
    """
    normal = torch.randn(shape, generator=generator)
    # a draw of exactly 0 has no sign; it counts as positive
    return quantize(torch.where(normal < 0, -epsilon, epsilon), epsilon)
