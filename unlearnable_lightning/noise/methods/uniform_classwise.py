"""A control: uniform noise, drawn for each class (Huang et al., ICLR 2021, arXiv 2101.04898)."""

from torch import Generator, Tensor

from unlearnable_lightning.noise.amounts import noise_epsilon
from unlearnable_lightning.noise.closed_form import ClosedForm
from unlearnable_lightning.noise.methods.uniform_samplewise import uniform


class UniformClasswise(ClosedForm):
    """One uniform pattern for each class: a shortcut that nobody had to optimise.

    Args:
        epsilon: bound of the noise in pixels of [0, 1]; `8/255` may be written.

    Raises:
        UnlearnableError: epsilon is below one grey level or above 127 of them.

    Example:
        >>> module = UniformClasswise(epsilon="8/255")
    """

    kind = "classwise"

    def __init__(self, epsilon: float | str = "8/255") -> None:
        super().__init__()
        self.epsilon = noise_epsilon(epsilon)
        self.bound = self.linf(self.epsilon)

    def make(self, images: Tensor, labels: Tensor, classes: int, generator: Generator) -> Tensor:
        """int8 [K, C, H, W]; see `ClosedForm.make`."""
        return uniform((classes, *images.shape[1:]), generator, self.epsilon)
