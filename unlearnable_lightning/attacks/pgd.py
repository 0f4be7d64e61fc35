"""Projected gradient descent in the L∞ ball: the one inner loop of every attack and of the noise.

Maximising the loss gives adversarial examples (Madry et al., "Towards Deep Learning Models
Resistant to Adversarial Attacks", Eq. 2.1 and Section 2.1); minimising it gives error-minimizing
noise (Huang et al., "Unlearnable Examples", Eq. 4).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from unlearnable_lightning.attacks.checks import WithLogits, check_inputs, check_settings

Losses = Callable[[Tensor, Tensor], Tensor]
"""What a model gives and labels, to the loss of each image, [B]."""

Gradient = Callable[[Tensor], Tensor]
"""Perturbed images that require a gradient, [B, C, H, W], to a direction of that shape."""

CROSS_ENTROPIES: Losses = partial(cross_entropy, reduction="none")


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """Puts `model` in eval mode with its parameters frozen, and back as it was afterwards.

    BatchNorm statistics stay untouched and no parameter gets a `.grad`. Frozen parameters also
    spare autograd the tensors that only their gradients need.
    """
    training = {module: module.training for module in model.modules()}
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    try:
        model.eval()
        for parameter in trainable:
            parameter.requires_grad_(False)
        yield
    finally:
        for parameter in trainable:
            parameter.requires_grad_(True)
        for module, mode in training.items():
            module.training = mode


def pgd(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float | str,
    step_size: float | str,
    steps: int,
    start: Tensor | None = None,
    restarts: int = 1,
    minimize: bool = False,
    checked: bool = False,
) -> Tensor:
    """Perturbations that maximise (or minimise) the cross-entropy of `model`.

    Args:
        model: takes images in [0, 1], gives logits [B, K]. Left exactly as it was found.
        images: float [B, C, H, W] in [0, 1].
        labels: int64 [B], from 0 to K - 1, or shares of the classes, float [B, K].
        epsilon: radius of the L∞ ball, in pixels of [0, 1]; `8/255` may be written.
        step_size: what one step adds to or takes from a pixel; likewise, or a share of epsilon such
            as `epsilon/4`.
        steps: gradient steps.
        start: the first perturbation, float [B, C, H, W]; None draws it from U(-epsilon, epsilon),
            anew for each restart.
        restarts: how often to try; the best try of each image, by its loss, is kept.
        minimize: descend instead of climb.
        checked: the values of images, labels and start are known to be right, because a data
            module made them. Nobody looks at them then, for which the host would wait for a GPU.

    Returns:
        Perturbations [B, C, H, W], |delta| <= epsilon and images + delta in [0, 1], up to float
        rounding.

    Raises:
        UnlearnableError: another type, shape or range than these.
    """
    epsilon, step_size = check_settings(epsilon, step_size, steps, restarts)
    if not checked:
        check_inputs(images, labels, start)
        model = WithLogits(model, labels)
    return pgd_steps(
        model,
        images,
        labels,
        epsilon=epsilon,
        step_size=step_size,
        steps=steps,
        start=start,
        restarts=restarts,
        minimize=minimize,
    )


def pgd_steps(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epsilon: float,
    step_size: float,
    steps: int,
    start: Tensor | None = None,
    restarts: int = 1,
    minimize: bool = False,
    losses: Losses = CROSS_ENTROPIES,
) -> Tensor:
    """`pgd` without its checks, which read values and so make the host wait for a GPU: for loops
    over batches that a data module made. `losses` may be others than the cross-entropy, also of a
    model that gives no logits."""
    with torch.inference_mode(False), torch.enable_grad(), frozen(model):
        # inference tensors (test and validation steps) cannot take part in autograd
        images, labels = (t.clone() if t.is_inference() else t.detach() for t in (images, labels))
        step = -step_size if minimize else step_size
        run = _Run(model, images, labels, epsilon, step, steps, losses)
        best = run.from_start(start)
        if restarts > 1:
            best_loss = run.loss_per_image(best)
        for _ in range(restarts - 1):
            other = run.from_start(start)
            other_loss = run.loss_per_image(other)
            better = other_loss < best_loss if minimize else other_loss > best_loss
            best[better], best_loss[better] = other[better], other_loss[better]
    return best - images


def into_ball(candidates: Tensor, images: Tensor, epsilon: float) -> Tensor:
    """Projects `candidates`, in place, onto what is within epsilon of `images` and in [0, 1]."""
    delta = candidates.sub_(images).clamp_(-epsilon, epsilon)
    return delta.add_(images).clamp_(0, 1)


def signed_steps(
    gradient: Gradient,
    perturbed: Tensor,
    images: Tensor,
    *,
    epsilon: float,
    step_size: float,
    steps: int,
) -> Tensor:
    """Steps along the sign of a gradient, each projected by `into_ball`.

    Args:
        gradient: called where autograd is on, with [B, C, H, W] that requires a gradient.
        perturbed: where to begin, [B, C, H, W] within the ball; needs no history.
        images: float [B, C, H, W] in [0, 1], the middle of the ball.
        epsilon: radius of it.
        step_size: of a step up; negative descends.
        steps: how many.

    Returns:
        Perturbed images, [B, C, H, W].
    """
    for _ in range(steps):
        perturbed.requires_grad_()
        direction = gradient(perturbed).sign()
        perturbed = into_ball(perturbed.detach().add(direction, alpha=step_size), images, epsilon)
    return perturbed


class _Run:
    """One problem; `from_start` solves it once. Works on images + delta, in place where it can."""

    def __init__(
        self,
        model: nn.Module,
        images: Tensor,
        labels: Tensor,
        epsilon: float,
        step: float,
        steps: int,
        losses: Losses,
    ) -> None:
        self.model, self.images, self.labels = model, images, labels
        self.epsilon, self.step, self.steps, self.losses = epsilon, step, steps, losses

    def from_start(self, start: Tensor | None) -> Tensor:
        if start is None:
            start = torch.empty_like(self.images).uniform_(-self.epsilon, self.epsilon)
        return signed_steps(
            self.gradient,
            into_ball(self.images + start, self.images, self.epsilon),
            self.images,
            epsilon=self.epsilon,
            step_size=self.step,
            steps=self.steps,
        )

    def gradient(self, perturbed: Tensor) -> Tensor:
        # the sum, not the mean: a sign does not care, and a mean underflows in half precision
        loss = self.losses(self.model(perturbed).float(), self.labels).sum()
        return torch.autograd.grad(loss, perturbed)[0]

    @torch.no_grad()
    def loss_per_image(self, perturbed: Tensor) -> Tensor:
        return self.losses(self.model(perturbed).float(), self.labels)
