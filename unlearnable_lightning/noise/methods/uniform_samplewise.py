"""A control: uniform noise, drawn for each image (Huang et al., ICLR 2021, arXiv 2101.04898)."""

import torch
from torch import Generator, Tensor

from unlearnable_lightning.noise.amounts import noise_epsilon
from unlearnable_lightning.noise.closed_form import ClosedForm
from unlearnable_lightning.pixels import quantize


def uniform(shape: tuple[int, ...], generator: Generator, epsilon: float) -> Tensor:
    """U(-epsilon, epsilon) for every value, rounded to grey levels.

    Args:
        shape: of the noise, such as [N, C, H, W] of the images.
        generator: of the draws.
        epsilon: in pixels of [0, 1].

    Returns:
        int8, of that shape.
    """
    unit = torch.rand(shape, generator=generator)
    return quantize((2 * unit - 1) * epsilon, epsilon)


class UniformSamplewise(ClosedForm):
    """Uniform noise, drawn anew for each image: nothing to learn, so it should protect nothing.

    Args:
        epsilon: bound of the noise in pixels of [0, 1]; `8/255` may be written.

    Raises:
        UnlearnableError: epsilon is below one grey level or above 127 of them.

    Example:
        >>> module = UniformSamplewise(epsilon="8/255")
    """

    kind = "samplewise"

    def __init__(self, epsilon: float | str = "8/255") -> None:
        super().__init__()
        self.epsilon = noise_epsilon(epsilon)
        self.bound = self.linf(self.epsilon)

    def make(self, images: Tensor, labels: Tensor, classes: int, generator: Generator) -> Tensor:
        """int8 [N, C, H, W]; see `ClosedForm.make`."""
        return uniform(tuple(images.shape), generator, self.epsilon)
