"""The fast gradient sign method: one step of the full radius, from the image itself."""

import torch
from torch import Tensor, nn

from unlearnable_lightning.noise.pgd import pgd


def fgsm(model: nn.Module, images: Tensor, labels: Tensor, *, epsilon: float) -> Tensor:
    """Perturbations epsilon · sign(grad), Goodfellow et al., "Explaining and Harnessing
    Adversarial Examples", Section 4.

    Args:
        model: takes images in [0, 1], gives logits [B, K]. Left exactly as it was found.
        images: float [B, C, H, W] in [0, 1].
        labels: int64 [B].
        epsilon: the step, in pixels of [0, 1].

    Returns:
        Perturbations [B, C, H, W], |delta| <= epsilon and images + delta in [0, 1].
    """
    zeros = torch.zeros_like(images)
    return pgd(model, images, labels, epsilon=epsilon, step_size=epsilon, steps=1, start=zeros)
