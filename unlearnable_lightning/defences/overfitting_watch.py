"""A watch for catastrophic overfitting: Wong et al., "Fast is better than free", ICLR 2020, arXiv
2001.03994, Section 5."""

import torch
from torch import Tensor, nn

from unlearnable_lightning.attacks.fgsm import fgsm_step
from unlearnable_lightning.attacks.pgd import pgd_steps

STEPS = 10  # of PGD, each a quarter of epsilon
FALLEN = 0.25  # of the highest accuracy under PGD: what counts as fallen


class OverfittingWatch:
    """Accuracy under FGSM and under PGD-10 on one training batch, the first that it sees.

    Adversarial training by one step can learn that one step alone, within an epoch: accuracy under
    PGD then falls to about 0, while that under FGSM rises. The watch says so once, if the former is
    below a quarter of its highest value and the latter above what it was at that time.

    Args:
        epsilon: radius of the L∞ ball in pixels of [0, 1].
    """

    def __init__(self, epsilon: float) -> None:
        self.epsilon = epsilon
        self.batch: tuple[Tensor, Tensor] | None = None
        self.best = {"fgsm": 0.0, "pgd": 0.0}  # when PGD was highest
        self.warned = False

    def see(self, images: Tensor, targets: Tensor) -> None:
        """Keeps the first batch of a device: float [B, C, H, W] in [0, 1], shares float [B, K]."""
        if self.batch is None or self.batch[0].device != images.device:
            self.batch = images.detach().clone(), targets.detach().clone()

    def look(self, model: nn.Module) -> dict[str, float]:
        """The two accuracies in [0, 1]; warns if they say so. Nothing without a batch.

        Args:
            model: frozen, in eval mode, images to logits.
        """
        if self.batch is None:
            return {}
        images, targets = self.batch
        generator = torch.Generator().manual_seed(0)  # the run's own draws stay what they were
        start = 2 * torch.rand(images.shape, generator=generator).to(images) - 1
        deltas = {
            "fgsm": fgsm_step(model, images, targets, epsilon=self.epsilon),
            "pgd": pgd_steps(
                model,
                images,
                targets,
                epsilon=self.epsilon,
                step_size=self.epsilon / 4,
                steps=STEPS,
                start=self.epsilon * start,
            ),
        }
        right = targets.argmax(1)
        found = {name: _accuracy(model, images + delta, right) for name, delta in deltas.items()}
        self.judge(**found)
        return {f"watch_{name}_accuracy": value for name, value in found.items()}

    def judge(self, fgsm: float, pgd: float) -> None:
        """Warns, once, if these accuracies are those of catastrophic overfitting."""
        if pgd >= self.best["pgd"]:
            self.best = {"fgsm": fgsm, "pgd": pgd}
        elif pgd < FALLEN * self.best["pgd"] and fgsm > self.best["fgsm"] and not self.warned:
            self.warned = True
            from lightning.pytorch.utilities import rank_zero_warn  # slow to import

            rank_zero_warn(
                "adversarial training overfits catastrophically: on one training batch accuracy "
                f"under PGD-{STEPS} fell from {self.best['pgd']:.3g} to {pgd:.3g}, while that "
                f"under FGSM rose from {self.best['fgsm']:.3g} to {fgsm:.3g}. Weights from here on "
                "withstand one step alone. Take more steps (attack: pgd, steps: 10), a lower lr or "
                "an earlier epoch."
            )


@torch.no_grad()
def _accuracy(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    right: Tensor = model(images).argmax(1) == labels
    return float(right.float().mean())
