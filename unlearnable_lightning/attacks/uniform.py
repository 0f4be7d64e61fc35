"""One uniform draw: what random noise of an attack's size does without any gradient."""

import torch
from torch import Tensor, nn

from unlearnable_lightning.attacks.checks import check_inputs, check_settings


def uniform(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float | str,
    checked: bool = False,
) -> Tensor:
    """Perturbations from U(-epsilon, epsilon), cut where images + delta would leave [0, 1].

    Args:
        model: not looked at, as little as the labels.
        images: float [B, C, H, W] in [0, 1].
        labels: int64 [B], or shares of the classes, float [B, K].
        epsilon: bound, in pixels of [0, 1]; `8/255` may be written.
        checked: as in `pgd`.

    Returns:
        Perturbations [B, C, H, W], |delta| <= epsilon and images + delta in [0, 1].

    Raises:
        UnlearnableError: another type, shape or range than these.
    """
    radius, _ = check_settings(epsilon)
    if not checked:
        check_inputs(images, labels)
    drawn = torch.empty_like(images).uniform_(-radius, radius)
    return (images + drawn).clamp_(0, 1) - images
