"""A control: random signs for each class (Sandoval-Segura et al., arXiv 2204.08615)."""

from torch import Generator, Tensor

from unlearnable_lightning.noise.formulas.signs import signs
from unlearnable_lightning.noise.within_epsilon import WithinEpsilon

__all__ = ["SignClasswise", "signs"]


class SignClasswise(WithinEpsilon):
    """One pattern of random signs for each class: the most energy that the bound allows.

    A class-wise method that is not stronger than this has shown nothing.

    Args:
        epsilon: as in `WithinEpsilon`.

    Example:
        >>> module = SignClasswise(epsilon="8/255")
    """

    kind = "classwise"

    def make(self, images: Tensor, labels: Tensor, classes: int, generator: Generator) -> Tensor:
        """int8 [K, C, H, W]; see `ClosedForm.make`."""
        return signs((classes, *images.shape[1:]), generator, self.epsilon)
