"""Ridge regression of the noise on the protected image and its class."""

import torch
from torch import Tensor

from unlearnable_lightning.defences.leak_models.base import LeakModel
from unlearnable_lightning.defences.leak_models.class_mean import class_means, of_class
from unlearnable_lightning.errors import UnlearnableError


class Ridge(LeakModel):
    """Subtracts the class mean of the noise, and what a linear map of the pixels says beyond it.

    noise = mean of the class + A · (x - mean x), with A of the smallest squared error + penalty ·
    |A|². It is solved in the space of the n pairs, which is smaller than that of the pixels.

    Args:
        penalty: in units of the mean squared norm of the n centred images, above 0.

    Raises:
        UnlearnableError: `penalty` is not above 0 or not finite.
    """

    def __init__(self, penalty: float = 0.1) -> None:
        if not 0 < penalty < float("inf"):
            raise UnlearnableError(
                f"Ridge's penalty is {penalty}; it must be above 0, such as 0.1."
            )
        self.penalty = penalty

    def fit(self, protected: Tensor, clean: Tensor, labels: Tensor) -> None:
        """As in `LeakModel`."""
        noise = protected - clean
        self.means = class_means(noise, labels)
        flat = protected.flatten(1).double()
        self.centre = flat.mean(0)
        self.pairs = flat - self.centre
        gram = self.pairs @ self.pairs.T
        penalty = self.penalty * gram.diagonal().mean().clamp(min=1e-12)
        rest = (noise - of_class(self.means, labels)).flatten(1).double()
        self.dual = torch.linalg.solve(gram + penalty * torch.eye(len(gram)).to(gram), rest)

    def denoise(self, protected: Tensor, labels: Tensor) -> Tensor:
        """As in `LeakModel`."""
        kernel = (protected.flatten(1).double() - self.centre) @ self.pairs.T
        rest = (kernel @ self.dual).view_as(protected).to(protected.dtype)
        estimate: Tensor = protected - of_class(self.means, labels) - rest
        return estimate
