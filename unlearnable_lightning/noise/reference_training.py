"""How the network trains that noise is made against after the last round: on clean images."""

from typing import Any

import lightning as L
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer

from unlearnable_lightning.attacks.by_name import Attack, build_attack
from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.pixels import as_pixels
from unlearnable_lightning.training.module import ImageModule
from unlearnable_lightning.training.schedule import check_warmup, with_schedule


class ReferenceTraining:
    """A schedule and a loss, on views of clean images or on adversarial examples of these views.

    Args:
        warmup: share of all model steps in which the learning rate climbs linearly.
        cosine: whether it then falls to 0 along a cosine.
        epsilon: radius of PGD, in pixels of [0, 1]; None trains on the views.
        steps: of it.
        reach: radii that its steps go together; a step is one radius at most.

    Raises:
        UnlearnableError: an amount out of range.
    """

    def __init__(
        self,
        warmup: float,
        cosine: bool,
        epsilon: float | str | None = None,
        steps: int = 10,
        reach: float = 2.5,
    ) -> None:
        self.warmup, self.cosine = check_warmup(warmup), cosine
        whole_number("reference_steps", steps, 1, "an attack needs at least 1")
        self.attack: Attack | None = None
        if epsilon is not None:
            radius = as_pixels(epsilon, "reference_epsilon")
            sizes = {"epsilon": radius, "step_size": radius * min(reach / steps, 1), "steps": steps}
            self.attack = build_attack("pgd", "reference_epsilon", **sizes)

    def scheduled(self, optimizer: Optimizer, trainer: L.Trainer) -> Any:
        """What `configure_optimizers` gives: the optimizer with the climb and the cosine."""
        return with_schedule(optimizer, trainer, self.warmup, self.cosine)

    def loss(self, module: ImageModule, views: Tensor, labels: Tensor) -> Tensor:
        """Cross-entropy of a module on views [B, C, H, W], or on adversarial examples of them."""
        if self.attack is not None:
            views = views + self.attack(module.model, views, labels)
        return cross_entropy(module(views), labels)
