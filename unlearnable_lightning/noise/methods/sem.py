"""SEM, stable error-minimizing noise: Liu et al., "Stable Unlearnable Example: Enhancing the
Robustness of Unlearnable Examples via Stable Error-Minimizing Noise", AAAI 2024,
arXiv 2311.13091."""

from typing import Any, ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer

from unlearnable_lightning.attacks.by_name import build_attack
from unlearnable_lightning.attacks.checks import amount
from unlearnable_lightning.attacks.pgd import frozen
from unlearnable_lightning.by_name import Spec
from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.noise.amounts import check_reach, noise_epsilon
from unlearnable_lightning.noise.descent import descend
from unlearnable_lightning.noise.driver import NoiseDriver
from unlearnable_lightning.noise.first_noise import first_noise
from unlearnable_lightning.noise.of_views import check_gradient
from unlearnable_lightning.pixels import quantize
from unlearnable_lightning.training.schedule import stepwise


class SEM(NoiseDriver):
    """Error-minimizing noise that still works on a victim that trains adversarially.

    Each batch gets noise, then the surrogate trains on it. Noise begins anew at every visit,
    U(-epsilon, epsilon), and takes T steps down the mean loss over E views that are disturbed:

        delta ← clip(delta - alpha · sign(grad_delta Σ_E CE(f(z + a), y))),
        z = view(clamp01(x + delta))

    where `a` is the inner attack on z, here one uniform draw. So the noise lies below the views
    (elsewhere it lies on them), and the gradient at z + a comes back through them. There is no box;
    whole grey levels are kept. The surrogate, in train mode, learns z + PGD(z). After the last
    round a sweep gives all images the noise that is released.

    The published code makes its last sweep over a shuffled loader that drops the last batch, so up
    to 80 images keep old noise or none; here each image gets its own.

    Args:
        step_size: alpha; null takes epsilon / 5, as published.
        steps: T.
        model_steps: M; 5 000 in all are published, 10 rounds of 500.
        init: the noise at the beginning of each visit.
        stop_error: lambda; an error is known after the last round alone, so it stops nothing.
        inner: the attack in the noise steps, a name of `unlearnable_lightning.attacks` or an import
            path: `uniform`, which is SEM, or `pgd`, which is REM at 9 times the cost.
        samples: E, views of each image in a noise step.
        attack_epsilon: radius of the inner attack and of the surrogate's PGD, in pixels of [0, 1];
            0 disturbs nothing, null takes epsilon / 2.
        attack_step_size: of PGD; null takes attack_epsilon / 5.
        attack_steps: of PGD.
        lr_steps: after every so many model steps the learning rate is divided by 10.
        kwargs: as in `NoiseDriver`. Published with `views: [RandomCropFlip]`.

    Raises:
        UnlearnableError: amounts or counts out of range, or no such attack.

    Example:
        >>> module = SEM(epsilon="8/255", views=["RandomCropFlip"])
    """

    named: ClassVar[dict[str, str | None]] = {
        **NoiseDriver.named,
        "inner": "unlearnable_lightning.attacks",
    }
    sweeps = "every_batch"

    def __init__(
        self,
        epsilon: float | str = "8/255",
        step_size: float | str | None = None,
        steps: int = 10,
        model_steps: int | None = 500,
        init: Literal["uniform", "zeros", "normal"] = "uniform",
        stop_error: float | None = None,
        inner: Spec = "uniform",
        samples: int = 5,
        attack_epsilon: float | str | None = None,
        attack_step_size: float | str | None = None,
        attack_steps: int = 10,
        lr_steps: int = 2000,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon=epsilon,
            step_size=noise_epsilon(epsilon) / 5 if step_size is None else step_size,
            steps=steps,
            model_steps=model_steps,
            init=init,
            stop_error=stop_error,
            **kwargs,
        )
        if init == "zeros":  # at each visit
            check_reach(self.step_size, steps, 1)
        self.samples = whole_number("samples", samples, 1, "a noise step needs at least 1 view")
        self.lr_steps = whole_number("lr_steps", lr_steps, 1, "it must be at least 1")
        radius, step = self.epsilon / 2, attack_step_size
        if attack_epsilon is not None:
            radius = amount("attack_epsilon", attack_epsilon)
        whole_number("attack_steps", attack_steps, 0, "it must be at least 0")
        settings = {
            "epsilon": radius,
            "step_size": radius / 5 if step is None else amount("attack_step_size", step),
            "steps": attack_steps,
        }
        self.inner = build_attack(inner, "inner", **settings)
        self.attack = build_attack("pgd", "attack", **settings)

    def setup(self, stage: str) -> None:
        """As in `NoiseDriver`; also refuses views without a gradient."""
        super().setup(stage)
        if stage == "fit":
            check_gradient(self.views, "model.views", self.image_shape)

    def scheduled(self, optimizer: Optimizer) -> Any:
        """A tenth of the learning rate after every `lr_steps` model steps."""
        return stepwise(optimizer, self.lr_steps)

    def noise_step(self, model: nn.Module, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """T steps down the mean loss of E disturbed views, from noise drawn anew."""
        start = first_noise(self.init, tuple(delta.shape), self.epsilon).to(delta.device)

        def gradient(perturbed: Tensor) -> Tensor:
            draws = (self._draw(model, perturbed, labels) for _ in range(self.samples))
            return sum(draws, torch.zeros_like(perturbed))

        with torch.enable_grad(), frozen(model):
            noise = descend(
                gradient,
                images,
                start,
                epsilon=self.epsilon,
                step_size=self.step_size,
                steps=self.steps,
            )
        return quantize(noise, self.epsilon).float() / 255

    def _draw(self, model: nn.Module, perturbed: Tensor, labels: Tensor) -> Tensor:
        """The gradient at one disturbed view, through the view alone."""
        view: Tensor = self.views(perturbed)
        disturbed = view + self.inner(model, view.detach(), labels)
        loss = cross_entropy(model(disturbed).float(), labels, reduction="sum")
        return torch.autograd.grad(loss, perturbed)[0]

    def perturbed(self, images: Tensor, delta: Tensor) -> Tensor:
        """Views of images with their noise, [B, C, H, W] in [0, 1]."""
        views: Tensor = self.views((images + delta).clamp_(0, 1))
        return views

    def model_loss(self, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """Adversarial training on the views."""
        # the copy that the noise steps have just brought up to date
        frozen_now = self.model if self.batch_sweep is None else self.batch_sweep.surrogate
        views = self.perturbed(images, delta)
        return cross_entropy(self(views + self.attack(frozen_now, views, labels)), labels)
