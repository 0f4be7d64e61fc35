"""Noise steps that know no box: noise may lead out of [0, 1], where what is seen is cut."""

from collections.abc import Callable

from torch import Tensor


def descend(
    gradient: Callable[[Tensor], Tensor],
    images: Tensor,
    delta: Tensor,
    *,
    epsilon: float,
    step_size: float,
    steps: int,
) -> Tensor:
    """T steps delta ← clip(delta - alpha · sign(gradient at clamp01(images + delta))).

    `attacks.pgd` also brings images + delta back into [0, 1] in each step. Without that, noise that
    is cut where a pixel is white keeps its size for other images, or for the next step.

    Args:
        gradient: of a loss, at images [B, C, H, W] in [0, 1] that require one.
        images: [B, C, H, W] in [0, 1].
        delta: [B, C, H, W], the first noise.
        epsilon: bound.
        step_size: alpha.
        steps: T.

    Returns:
        The new noise, |delta| <= epsilon.
    """
    for _ in range(steps):
        perturbed = (images + delta).clamp_(0, 1).detach().requires_grad_()
        step = gradient(perturbed).sign().mul(step_size)
        delta = (delta - step).clamp_(-epsilon, epsilon)
    return delta
