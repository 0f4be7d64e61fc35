"""PIL, perturbation-induced linearisation: Liu, Chen and Zhang, ICLR 2026,
https://arxiv.org/abs/2601.19967."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, log_softmax
from torch.optim import Optimizer

from unlearnable_lightning.attacks.pgd import frozen
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.driver import NoiseDriver
from unlearnable_lightning.training.schedule import with_schedule


class PIL(NoiseDriver):
    """Noise that alone looks like its class to a linear network, taken *from* the image: what is
    left of the image looks like nothing to it.

    The rounds train that network f on clean images. After the last of them each image takes T steps
    on n, which begins as U(-epsilon, epsilon):

        n <- clip(n - alpha * sign(grad_n L)),
        L = weight * CE(f(n), y) + (1 - weight) * KL(uniform || softmax f(x - n))

    and x - n is released, so delta = -n: x + n is another noise, to whose victims the network's own
    features of the class would be added. Within the steps there is no box.

    As published: epsilon 8/255, T 30, alpha epsilon / 10, weight 0.9; f is `linear_pil`, 30 epochs
    of batches of 512 without augmentation, lr 0.003, momentum 0.9, a cosine. The published code
    does not shuffle and lowers the rate once an epoch; here batches are shuffled and the rate
    changes with each.

    It is class-wise in all but name, although it is made image by image: a linear f has nearly the
    same gradient at all images of a class. On 10 000 images of CIFAR-10 98.9 % of its signs are
    those of the mean noise of the class, which holds 97.3 % of its energy (measured with the YAML
    of this method). Compare it with `SignClasswise`, and expect defences against class-wise noise
    (averaging, `OrthogonalProjection`) to remove it.

    Args:
        weight: of the first loss, in (0, 1].
        steps: T.
        model_steps: M; null is one pass over the images.
        stop_error: an error is known after the last round alone, so it stops nothing.
        model: f; it gets n, whose pixels lie around 0, as well as images.
        lr: of SGD.
        weight_decay: of SGD.
        max_grad_norm: gradients of the model are clipped to this norm; null for no clipping.
        cosine: whether the learning rate falls to 0 along a cosine; else it stays.
        kwargs: as in `NoiseDriver`.

    Raises:
        UnlearnableError: a weight out of range.

    Example:
        >>> module = PIL(epsilon="8/255")
        >>> Trainer(max_epochs=30).fit(module, CIFAR10DataModule(batch_size=512))
    """

    sweeps = "last_round"

    def __init__(
        self,
        weight: float = 0.9,
        steps: int = 30,
        model_steps: int | None = None,
        stop_error: float | None = None,
        model: str = "linear_pil",
        lr: float = 0.003,
        weight_decay: float = 0.0,
        max_grad_norm: float | None = None,
        cosine: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            steps=steps,
            model_steps=model_steps,
            stop_error=stop_error,
            model=model,
            lr=lr,
            weight_decay=weight_decay,
            max_grad_norm=max_grad_norm,
            **kwargs,
        )
        if not 0 < weight <= 1:
            raise UnlearnableError(
                f"weight={weight}: it is the share of the loss on the noise alone and lies in "
                "(0, 1]. Give 0.9, as published."
            )
        self.weight, self.cosine = weight, cosine

    def scheduled(self, optimizer: Optimizer) -> Any:
        """The cosine."""
        return with_schedule(optimizer, self.trainer, 0, self.cosine)

    def perturbed(self, images: Tensor, delta: Tensor) -> Tensor:
        """Views without noise: the surrogate trains on clean images."""
        views: Tensor = self.views(images)
        return views

    def noise_step(self, model: nn.Module, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """T steps on what is taken from the images."""
        views, taken = self.views(images), -delta
        with torch.enable_grad(), frozen(model):
            for _ in range(self.steps):
                taken.requires_grad_()
                loss = pil_loss(model, views, labels, taken, self.weight)
                (gradient,) = torch.autograd.grad(loss, taken)
                stepped = taken.detach() - self.step_size * gradient.sign()
                taken = stepped.clamp_(-self.epsilon, self.epsilon)
        return -taken


def pil_loss(
    model: nn.Module, images: Tensor, labels: Tensor, taken: Tensor, weight: float
) -> Tensor:
    """What the steps minimise, summed over the images: a scalar, up to a constant of KL.

    Args:
        model: images [B, C, H, W] to logits [B, K].
        images: float [B, C, H, W] in [0, 1].
        labels: int64 [B].
        taken: n, float [B, C, H, W], what is taken from the images.
        weight: of the loss on n alone.
    """
    alone, left = model(torch.cat([taken, images - taken])).float().chunk(2)
    uniform = -log_softmax(left, 1).mean(1).sum()
    return weight * cross_entropy(alone, labels, reduction="sum") + (1 - weight) * uniform
