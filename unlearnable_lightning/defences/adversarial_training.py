"""Adversarial training: Madry et al., "Towards Deep Learning Models Resistant to Adversarial
Attacks", ICLR 2018, arXiv 1706.06083; thesis, Eq. 2.10."""

from torch import Tensor
from torch.nn.functional import cross_entropy

from unlearnable_lightning.attacks.by_name import build_attack
from unlearnable_lightning.by_name import Spec
from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.defences.base import Defence, Victim
from unlearnable_lightning.defences.overfitting_watch import OverfittingWatch
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import as_pixels, as_step


class AdversarialTraining(Defence):
    """Trains on images that an attack changed to raise the loss.

    `attack: pgd` of `ClassifierModule` is this defence with the module's own settings. One step of
    1.25 epsilon from a random start (`pgd`, steps 1, step_size 10/255) is FGSM-RS: Wong et al.,
    "Fast is better than free", ICLR 2020, arXiv 2001.03994. After every epoch the accuracy of an
    `OverfittingWatch` is logged, which warns of catastrophic overfitting.

    Args:
        attack: `pgd`, `fgsm`, or an attack of yours (see `attacks.by_name`).
        epsilon: radius of the L∞ ball in pixels of [0, 1]; `8/255` may be written.
        step_size: of PGD, likewise, or a share such as `epsilon/4`; null takes `epsilon/10`.
        steps: of PGD.
        natural_weight: alpha of Eq. 2.10: the loss is alpha times the loss on clean images plus
            1 - alpha times the loss on adversarial ones. In [0, 1].

    Raises:
        UnlearnableError: an amount or a share out of range, or no such attack.

    Example:
        >>> defence = AdversarialTraining("pgd", epsilon="8/255", step_size="2/255", steps=10)
    """

    def __init__(
        self,
        attack: Spec = "pgd",
        epsilon: float | str = "8/255",
        step_size: float | str | None = None,
        steps: int = 20,
        natural_weight: float = 0.0,
    ) -> None:
        if not 0 <= natural_weight <= 1:
            raise UnlearnableError(
                f"natural_weight={natural_weight}: it is a share and must lie in [0, 1]."
            )
        steps = whole_number("steps", steps, 1, "an attack needs at least 1")
        radius = as_pixels(epsilon)
        step = radius / 10 if step_size is None else as_step(step_size, radius)
        self.natural_weight, self.watch = natural_weight, OverfittingWatch(radius)
        self.attack = build_attack(attack, "attack", epsilon=radius, step_size=step, steps=steps)

    def loss(self, victim: Victim, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """As in `Defence`; the logits are those of the adversarial examples."""
        self.watch.see(images, targets)
        adversarial = images + self.attack(victim.freeze(), images, targets)
        logits = victim(adversarial)
        loss = cross_entropy(logits, targets)
        if self.natural_weight > 0:
            natural = cross_entropy(victim(images), targets)
            loss = self.natural_weight * natural + (1 - self.natural_weight) * loss
        return loss, logits

    def on_epoch_end(self, victim: Victim) -> dict[str, float]:
        """As in `Defence`: `watch_fgsm_accuracy` and `watch_pgd_accuracy`."""
        return self.watch.look(victim.freeze())
