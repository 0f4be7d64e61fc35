"""Closed forms of additive noise that one number bounds."""

from abc import ABC

from unlearnable_lightning.noise.amounts import noise_epsilon
from unlearnable_lightning.noise.closed_form import ClosedForm


class WithinEpsilon(ClosedForm, ABC):
    """A closed form whose differences lie in [-epsilon, epsilon].

    Args:
        epsilon: bound of the noise in pixels of [0, 1]; `8/255` may be written.

    Raises:
        UnlearnableError: epsilon is below one grey level or above 127 of them.
    """

    def __init__(self, epsilon: float | str = "8/255") -> None:
        super().__init__()
        self.epsilon = noise_epsilon(epsilon)
        self.bound = self.linf(self.epsilon)
