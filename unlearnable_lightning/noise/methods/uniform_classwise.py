"""A control: uniform noise, drawn for each class (Huang et al., ICLR 2021, arXiv 2101.04898)."""

from torch import Generator, Tensor

from unlearnable_lightning.noise.formulas.uniform import uniform
from unlearnable_lightning.noise.within_epsilon import WithinEpsilon


class UniformClasswise(WithinEpsilon):
    """One uniform pattern for each class: a shortcut that nobody had to optimise.

    Args:
        epsilon: as in `WithinEpsilon`.

    Example:
        >>> module = UniformClasswise(epsilon="8/255")
    """

    kind = "classwise"

    def make(self, images: Tensor, labels: Tensor, classes: int, generator: Generator) -> Tensor:
        """int8 [K, C, H, W]; see `ClosedForm.make`."""
        return uniform((classes, *images.shape[1:]), generator, self.epsilon)
