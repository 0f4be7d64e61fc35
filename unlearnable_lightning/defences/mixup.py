"""Mixup: Zhang et al., "mixup: Beyond Empirical Risk Minimization", arXiv 1710.09412."""

import torch
from torch import Tensor
from torch.distributions import Beta

from unlearnable_lightning.defences.base import Defence
from unlearnable_lightning.errors import UnlearnableError


class Mixup(Defence):
    """Blends every image and its label with another of the batch, by one share for the batch.

    The share is drawn from Beta(alpha, alpha) for each batch, so that alpha = 1 makes all shares
    equally likely.

    Args:
        alpha: of the Beta distribution, from 1e-6 to 1e6.

    Raises:
        UnlearnableError: `alpha` is out of range.

    Example:
        >>> images, targets = torch.rand(4, 3, 8, 8), torch.eye(4)
        >>> mixed, shares = Mixup()(images, targets)
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = check_alpha("Mixup", alpha)

    def on_batch(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """As in `Defence`."""
        share = Beta(self.alpha, self.alpha).sample().item()
        partner = torch.randperm(len(images), device=images.device)
        return mix(images, partner, share), mix(targets, partner, share)

    __call__ = on_batch


def check_alpha(name: str, alpha: float) -> float:
    """Returns `alpha` if Beta(alpha, alpha) can be drawn from in float32.

    Raises:
        UnlearnableError: it cannot.
    """
    if not 1e-6 <= alpha <= 1e6:
        raise UnlearnableError(
            f"{name}'s alpha is {alpha}; it must be above 0, from 1e-6 to 1e6, such as 1.0."
        )
    return alpha


def mix(values: Tensor, partner: Tensor, share: float) -> Tensor:
    """share · values + (1 - share) · values[partner].

    Args:
        values: float [B, …].
        partner: int64 [B].
        share: in [0, 1]; 1 gives `values` back.
    """
    return share * values + (1 - share) * values[partner]
