"""A control: random signs for each class (Sandoval-Segura et al., arXiv 2204.08615)."""

import torch
from torch import Generator, Tensor

from unlearnable_lightning.pixels import as_pixels, quantize


def signs(shape: tuple[int, ...], generator: Generator, epsilon: float | str) -> Tensor:
    """epsilon · sign(N(0, 1)) for every value, in grey levels.

    Args:
        shape: of the noise, such as [K, C, H, W].
        generator: of the draws.
        epsilon: in pixels of [0, 1]; `8/255` may be written.

    Returns:
        int8, int16 for an epsilon above 127/255, of that shape; every value is at the bound.
    """
    amount = as_pixels(epsilon)
    normal = torch.randn(shape, generator=generator)
    # a draw of exactly 0 has no sign; it counts as positive
    return quantize(torch.where(normal < 0, -amount, amount), amount)
