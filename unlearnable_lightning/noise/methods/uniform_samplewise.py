"""A control: uniform noise, drawn for each image (Huang et al., ICLR 2021, arXiv 2101.04898)."""

from torch import Generator, Tensor

from unlearnable_lightning.noise.formulas.uniform import uniform
from unlearnable_lightning.noise.within_epsilon import WithinEpsilon

__all__ = ["UniformSamplewise", "uniform"]


class UniformSamplewise(WithinEpsilon):
    """Uniform noise, drawn anew for each image: nothing to learn, so it should protect nothing.

    Args:
        epsilon: as in `WithinEpsilon`.

    Example:
        >>> module = UniformSamplewise(epsilon="8/255")
    """

    kind = "samplewise"

    def make(self, images: Tensor, labels: Tensor, classes: int, generator: Generator) -> Tensor:
        """int8 [N, C, H, W]; see `ClosedForm.make`."""
        return uniform(tuple(images.shape), generator, self.epsilon)
