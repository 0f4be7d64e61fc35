"""AUE, augmented error-minimizing noise: Wang, Zhu, Gao, "Efficient Availability Attacks against
Supervised and Contrastive Learning Simultaneously", NeurIPS 2024, arXiv 2402.04010."""

from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer

from unlearnable_lightning.attacks.pgd import frozen, pgd_steps
from unlearnable_lightning.noise.descent import descend
from unlearnable_lightning.noise.driver import NoiseDriver
from unlearnable_lightning.noise.of_views import OfViews, check_gradient
from unlearnable_lightning.training.schedule import with_schedule


class AUE(NoiseDriver):
    """Error-minimizing noise under the strong views of contrastive learning, which misleads that
    too: crop and resize, flip, colour jitter, gray.

    The noise lies below the views, for the surrogate as for the noise steps; each of these draws a
    view anew, and the gradient comes back through it:

        delta ← box(clip(delta - alpha · sign(grad_delta CE(f(view(x + delta)), y))))

    Class-wise noise takes T 1 and no box: a pixel that is white in one image of its class is not in
    another. Without views this is error-minimizing noise with a cosine.

    Args:
        steps: T; 5 are published, 1 for class-wise noise.
        model_steps: M; null, an epoch, is published.
        init: the first noise.
        stop_error: lambda; null never stops before `max_epochs`, of which 60 are published.
        weight_decay: of SGD.
        cosine: whether the learning rate falls to 0 along a cosine; published to 1e-6.
        kwargs: as in `NoiseDriver`. Views of strength 0.6 are published for CIFAR-10, 1.0 for
            CIFAR-100.

    Example:
        >>> views = [{"class_path": "ContrastiveViews", "init_args": {"strength": 0.6}}]
        >>> module = AUE(epsilon="8/255", views=views)
    """

    def __init__(
        self,
        steps: int = 5,
        model_steps: int | None = None,
        init: Literal["uniform", "zeros", "normal"] = "zeros",
        stop_error: float | None = None,
        weight_decay: float = 1e-4,
        cosine: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            steps=steps,
            model_steps=model_steps,
            init=init,
            stop_error=stop_error,
            weight_decay=weight_decay,
            **kwargs,
        )
        self.cosine = cosine

    def setup(self, stage: str) -> None:
        """As in `NoiseDriver`; also refuses views without a gradient."""
        super().setup(stage)
        if stage == "fit":
            check_gradient(self.views, "model.views", self.image_shape)

    def scheduled(self, optimizer: Optimizer) -> Any:
        """The cosine."""
        return with_schedule(optimizer, self.trainer, 0, self.cosine)

    def noise_step(self, model: nn.Module, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """T steps down the loss, each on a view of its own."""
        seen = OfViews(self.views, model)
        epsilon, step_size, steps = self.epsilon, self.step_size, self.steps
        if self.kind == "samplewise":
            return pgd_steps(
                seen,
                images,
                labels,
                epsilon=epsilon,
                step_size=step_size,
                steps=steps,
                start=delta,
                minimize=True,
            )

        def gradient(perturbed: Tensor) -> Tensor:
            loss = cross_entropy(seen(perturbed).float(), labels, reduction="sum")
            return torch.autograd.grad(loss, perturbed)[0]

        with torch.enable_grad(), frozen(seen):
            return descend(
                gradient, images, delta, epsilon=epsilon, step_size=step_size, steps=steps
            )

    def perturbed(self, images: Tensor, delta: Tensor) -> Tensor:
        """Views of images with their noise, [B, C, H, W] in [0, 1]."""
        views: Tensor = self.views((images + delta).clamp_(0, 1))
        return views
