"""Gradients of several networks: their mean, and a sum of single ones around it."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from unlearnable_lightning.attacks.pgd import Gradient


def mean_gradient(gradients: Sequence[Gradient], images: Tensor) -> Tensor:
    """The mean of gradients at images [B, C, H, W], one network's graph in memory at a time."""
    total = torch.zeros_like(images)
    for gradient in gradients:
        total += gradient(images)
    return total / len(gradients)


def reduced_gradient(
    gradients: Sequence[Gradient],
    images: Tensor,
    walk: Callable[[Gradient, Tensor], Tensor],
) -> Tensor:
    """A direction whose variance between the networks is reduced (SVRG; SEP's VR).

    With g_k the gradient of network k at the images and G their mean, an inner walk begins there;
    in each of its steps a network k is drawn, and

        sum <- sum + (gradient of k where the walk is) - (g_k - G)

    whose sign the walk then follows.

    Args:
        gradients: of one network each.
        images: [B, C, H, W].
        walk: follows a direction, which it asks for anew in each step, from the images on.

    Returns:
        The sum after the last step, [B, C, H, W].
    """
    each = [gradient(images) for gradient in gradients]
    mean = torch.stack(each).mean(0)
    total = torch.zeros_like(images)

    def inner(seen: Tensor) -> Tensor:
        drawn = int(torch.randint(len(gradients), ()))
        return total.add_(gradients[drawn](seen) - (each[drawn] - mean))

    walk(inner, images)
    return total
