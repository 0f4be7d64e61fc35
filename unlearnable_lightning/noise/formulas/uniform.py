"""A control: uniform noise, drawn for each image (Huang et al., ICLR 2021, arXiv 2101.04898)."""

import torch
from torch import Generator, Tensor

from unlearnable_lightning.pixels import as_pixels, quantize


def uniform(shape: tuple[int, ...], generator: Generator, epsilon: float | str) -> Tensor:
    """U(-epsilon, epsilon) for every value, rounded to grey levels.

    Args:
        shape: of the noise, such as [N, C, H, W] of the images.
        generator: of the draws.
        epsilon: in pixels of [0, 1]; `8/255` may be written.

    Returns:
        int8, int16 for an epsilon above 127/255, of that shape.
    """
    amount = as_pixels(epsilon)
    unit = torch.rand(shape, generator=generator)
    return quantize((2 * unit - 1) * amount, amount)
