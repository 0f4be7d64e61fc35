"""A prior on pixels whose score is known: what `Purification` is tested with."""

import torch
from torch import Tensor

from unlearnable_lightning.defences.diffusion_schedule import kept_at
from unlearnable_lightning.errors import UnlearnableError


class GaussianPrior:
    """All values independent, N(mean, std²) in [0, 1]; no weights are needed.

    score(x, τ) = -(x - √ā m) / (ā s² + 1 - ā) with m and s on [-1, 1] and ā = ā(τ). As a defence it
    draws pixels towards their mean and adds noise; a real network knows pictures.

    Args:
        mean: of the pixels.
        std: of the pixels, above 0.

    Raises:
        UnlearnableError: `std` is not above 0.
    """

    def __init__(self, mean: float = 0.47, std: float = 0.25) -> None:
        if not std > 0:
            raise UnlearnableError(f"GaussianPrior's std is {std}; it must be above 0.")
        self.mean, self.std = 2 * mean - 1, 2 * std

    def __call__(self, images: Tensor, times: Tensor) -> Tensor:
        """The score, float [B, C, H, W], of images in [-1, 1] at times float [B] in (0, 1]."""
        kept = torch.tensor([kept_at(time) for time in times.tolist()]).to(images)
        kept = kept[:, None, None, None]
        return -(images - kept.sqrt() * self.mean) / (kept * self.std**2 + 1 - kept)
