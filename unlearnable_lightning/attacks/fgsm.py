"""The fast gradient sign method: one step of the full radius, from the image itself."""

import torch
from torch import Tensor, nn

from unlearnable_lightning.attacks.checks import WithLogits, check_inputs, check_settings
from unlearnable_lightning.attacks.pgd import pgd_steps


def fgsm(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float | str,
    checked: bool = False,
) -> Tensor:
    """Perturbations epsilon · sign(grad), Goodfellow et al., "Explaining and Harnessing
    Adversarial Examples", Section 4.

    Args:
        model: takes images in [0, 1], gives logits [B, K]. Left exactly as it was found.
        images: float [B, C, H, W] in [0, 1].
        labels: int64 [B], from 0 to K - 1, or shares of the classes, float [B, K].
        epsilon: the step, in pixels of [0, 1]; `8/255` may be written.
        checked: as in `pgd`.

    Returns:
        Perturbations [B, C, H, W], |delta| <= epsilon and images + delta in [0, 1].

    Raises:
        UnlearnableError: another type, shape or range than these.
    """
    radius, _ = check_settings(epsilon)
    if not checked:
        check_inputs(images, labels)
        model = WithLogits(model, labels)
    return fgsm_step(model, images, labels, epsilon=radius)


def fgsm_step(model: nn.Module, images: Tensor, labels: Tensor, *, epsilon: float) -> Tensor:
    """`fgsm` without its checks, as `pgd_steps`."""
    zeros = torch.zeros_like(images)
    return pgd_steps(
        model, images, labels, epsilon=epsilon, step_size=epsilon, steps=1, start=zeros
    )
