"""MI-UE, mutual-information noise: Zhu, Miao, Dong, Gao, ICLR 2026, arXiv 2603.03725."""

from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.optim import Optimizer

from unlearnable_lightning.attacks.features import Features, check_features
from unlearnable_lightning.attacks.pgd import pgd_steps
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.amounts import noise_epsilon
from unlearnable_lightning.noise.driver import NoiseDriver
from unlearnable_lightning.pixels import as_step
from unlearnable_lightning.training.given_images import data_module
from unlearnable_lightning.training.schedule import with_schedule


def class_contrast(features: Tensor, labels: Tensor, temperature: float = 0.1) -> Tensor:
    """How far each image is from its class and near to others, in angle.

        -log( sum over j of its class of exp(cos(z_i, z_j) / tau) / sum over all j of the same )

    Both sums have the image itself in them.

    Args:
        features: z, float [B, D].
        labels: int64 [B].
        temperature: tau, above 0.

    Returns:
        Losses [B], at least 0; all 0 if there is one class.
    """
    with torch.autocast(features.device.type, enabled=False):  # bfloat16 has 3 digits, tau takes 1
        unit = normalize(features.float(), dim=1)
        alike = unit @ unit.T / temperature
    others = labels[:, None] != labels
    return alike.logsumexp(1) - alike.masked_fill(others, -torch.inf).logsumexp(1)


class MIUE(NoiseDriver):
    """Error-minimizing noise by features: images of a class come together in angle, away from all
    others, which lowers what poisoned and clean features have in common.

    The surrogate trains on perturbed views as for error-minimizing noise. The T noise steps go down
    `class_contrast` of its features, the input of its last linear layer, within a batch:

        delta ← box(clip(delta - alpha · sign(grad_delta Σ_i class_contrast_i)))

    alpha climbs along a line from the first round to the last. A batch is what an image is compared
    with, so noise depends on `sweep_batch_size`; 8 images of a class in it are good, one is none.

    The published code can train the surrogate on adversarial examples; its attack takes its step
    size in grey levels for one in [0, 1]. That option and an L2 term of weight 0 are left out.

    Args:
        step_size: alpha of the first round; null takes epsilon / 40, as published.
        last_step_size: alpha of the last round; null takes `epsilon/20`, as published.
        steps: T.
        model_steps: M; null, an epoch, is published.
        init: the first noise.
        stop_error: lambda; null never stops before `max_epochs`, of which 100 are published.
        weight_decay: of SGD.
        temperature: tau, above 0.
        cosine: whether the learning rate falls to 0 along a cosine.
        kwargs: as in `NoiseDriver`. Published with views that are flipped at random.

    Raises:
        UnlearnableError: a temperature or an amount out of range.

    Example:
        >>> module = MIUE(epsilon="8/255")
    """

    def __init__(
        self,
        epsilon: float | str = "8/255",
        step_size: float | str | None = None,
        last_step_size: float | str | None = None,
        steps: int = 10,
        model_steps: int | None = None,
        init: Literal["uniform", "zeros", "normal"] = "zeros",
        stop_error: float | None = None,
        weight_decay: float = 1e-4,
        temperature: float = 0.1,
        cosine: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon=epsilon,
            step_size=noise_epsilon(epsilon) / 40 if step_size is None else step_size,
            steps=steps,
            model_steps=model_steps,
            init=init,
            stop_error=stop_error,
            weight_decay=weight_decay,
            **kwargs,
        )
        last = "epsilon/20" if last_step_size is None else last_step_size
        self.last_step_size = as_step(last, self.epsilon, "last_step_size")
        if not temperature > 0:
            raise UnlearnableError(f"temperature={temperature}: it must be above 0, such as 0.1.")
        self.temperature, self.cosine = temperature, cosine

    def setup(self, stage: str) -> None:
        """As in `NoiseDriver`; also refuses batches without two images of a class, a model without
        features, and rounds without an end."""
        super().setup(stage)
        if stage == "fit":
            self._check_batch()
            check_features(self.model, self.image_shape)
            if self.trainer.max_epochs == -1:
                raise UnlearnableError(
                    "max_epochs=-1: the step size climbs until the last round, so there must be "
                    "one. Give --trainer.max_epochs."
                )

    def _check_batch(self) -> None:
        data = data_module(self.trainer)
        given = self.sweep_batch_size or (data.batch_size if data is not None else None)
        size, classes = min(given or 1, len(self.train_set)), len(self.train_set.source.class_names)
        if size < 2 * classes:
            raise UnlearnableError(
                f"noise steps see {size} images of {classes} classes at a time, so most have none "
                "of their own class to come near to. Give --model.sweep_batch_size, at least "
                f"{2 * classes}; {8 * classes} is good."
            )

    def scheduled(self, optimizer: Optimizer) -> Any:
        """The cosine."""
        return with_schedule(optimizer, self.trainer, 0, self.cosine)

    def noise_step(self, model: nn.Module, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """T steps down the contrast, on one view of each image."""
        return pgd_steps(
            Features(model),
            self.views(images),
            labels,
            epsilon=self.epsilon,
            step_size=self.step_size_of(self.current_epoch, self.trainer.max_epochs or 1),
            steps=self.steps,
            start=delta,
            minimize=True,
            losses=partial(class_contrast, temperature=self.temperature),
        )

    def step_size_of(self, round_: int, rounds: int) -> float:
        """alpha of a round, the first being 0."""
        share = min(round_ / max(rounds - 1, 1), 1)
        return self.step_size + share * (self.last_step_size - self.step_size)
