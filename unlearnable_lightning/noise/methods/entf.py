"""EntF, entangled features: Wen et al., "Is Adversarial Training Really a Silver Bullet for
Mitigating Data Poisoning?", ICLR 2023, https://openreview.net/forum?id=zKvm1ETDOq."""

from functools import partial
from typing import Any, ClassVar, Literal

from torch import Tensor, nn
from torch.optim import Optimizer

from unlearnable_lightning.attacks.features import Features, check_features
from unlearnable_lightning.attacks.pgd import pgd_steps
from unlearnable_lightning.by_name import Spec
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.amounts import noise_epsilon
from unlearnable_lightning.noise.class_means import class_means, mean_square, nearest_other
from unlearnable_lightning.noise.driver import NoiseDriver
from unlearnable_lightning.noise.of_views import OfViews, check_gradient
from unlearnable_lightning.noise.reference_training import ReferenceTraining
from unlearnable_lightning.noise.sweep import Sweep
from unlearnable_lightning.noise.views import Views


class EntF(NoiseDriver):
    """Noise against victims that train adversarially: in the features of a robust network each
    image leaves its class, or comes to the nearest other one, so that classes lie in one another.

    The rounds train that network, the reference, on adversarial examples. Then h are its features,
    mu[c] is their mean over the clean images of class c, and each image takes T steps, each through
    a view drawn anew:

        push: delta <- box(clip(delta + alpha * sign(grad_delta |h(view(x + delta)) - mu[y]|^2)))
        pull: delta <- box(clip(delta - alpha * sign(grad_delta |h(view(x + delta)) - mu[c]|^2)))

    with c the class whose mean is nearest, y left out, anew in each step. Victims that train as
    usual are not what it is made for.

    Published: push or pull, T 300, alpha epsilon / 20, `RandomShiftFlip`, epsilon 8/255; the
    reference 100 epochs of 10 PGD steps of 2/255 within 4/255.

    Where the published code differs: pull leaves its own class out by giving it the distance 1, so
    that it wins where all others are farther; here it never does. The learning rate of the
    reference is divided by 10 after 75 and 90 epochs, here it falls along a cosine; its images are
    not normalised, ours are if the model does that.

    Args:
        goal: `push`, away from the mean features of its class, or `pull`, to the nearest others.
        epsilon: bound of the noise, in pixels of [0, 1].
        step_size: alpha; null takes epsilon / 20.
        steps: T.
        step_views: views of an image with its noise, in the order of application: names of
            `unlearnable_lightning.augment`, import paths or {class_path, init_args}; null takes
            the image itself.
        reference_epsilon: radius, in pixels of [0, 1], of the PGD against which the reference
            trains; null trains on the views.
        reference_steps: of that PGD; each is 5 radii divided by them, or one radius if that is
            less.
        model_steps: M; null is one pass over the images.
        init: the first noise.
        stop_error: an error is known after the last round alone, so it stops nothing.
        warmup: share of all model steps in which the learning rate climbs linearly.
        cosine: whether it then falls to 0 along a cosine; else it stays.
        kwargs: as in `NoiseDriver`; `views` are those that the reference trains on.

    Raises:
        UnlearnableError: no such goal, or an amount out of range.

    Example:
        >>> module = EntF(step_views=["RandomShiftFlip"], views=["RandomCropFlip"])
        >>> Trainer(max_epochs=100).fit(module, CIFAR10DataModule())
    """

    named: ClassVar[dict[str, str | None]] = {
        **NoiseDriver.named,
        "step_views": "unlearnable_lightning.augment",
    }
    sweeps = "last_round"

    def __init__(
        self,
        goal: Literal["push", "pull"] = "push",
        epsilon: float | str = "8/255",
        step_size: float | str | None = None,
        steps: int = 300,
        step_views: list[Spec] | None = None,
        reference_epsilon: float | str | None = "4/255",
        reference_steps: int = 10,
        model_steps: int | None = None,
        init: Literal["uniform", "zeros", "normal"] = "normal",
        stop_error: float | None = None,
        warmup: float = 0.0,
        cosine: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon=epsilon,
            step_size=noise_epsilon(epsilon) / 20 if step_size is None else step_size,
            steps=steps,
            model_steps=model_steps,
            init=init,
            stop_error=stop_error,
            **kwargs,
        )
        if goal not in ("push", "pull"):
            raise UnlearnableError(f"goal={goal!r}: give push or pull.")
        self.goal = goal
        self.step_views = Views(step_views)
        self.reference = ReferenceTraining(
            warmup, cosine, reference_epsilon, reference_steps, reach=5
        )
        self.means: Tensor | None = None  # [K, D], of the sweep that is under way

    def setup(self, stage: str) -> None:
        """As in `NoiseDriver`; also refuses views of the steps without a gradient, a model without
        features, and images that have no other class to come to."""
        super().setup(stage)
        if stage == "fit":
            check_gradient(self.step_views, "model.step_views", self.image_shape)
            check_features(self.model, self.image_shape)
            self._check_classes()

    def _check_classes(self) -> None:
        present = self.train_set.labels.unique()
        if self.goal == "pull" and len(present) < 2:
            raise UnlearnableError(
                f"goal=pull, but all training images are of class {present.item()}: there is no "
                "other one to come to. Give images of two classes (--data.train_subset), or "
                "--model.goal push."
            )

    def scheduled(self, optimizer: Optimizer) -> Any:
        """The climb and the cosine."""
        return self.reference.scheduled(optimizer, self.trainer)

    def model_loss(self, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """The reference trains on adversarial examples of clean views."""
        return self.reference.loss(self, self.views(images), labels)

    def begin_sweep(self, sweep: Sweep) -> None:
        """Computes the mean features of each class."""
        classes = self.hparams["num_classes"]
        (self.means,) = class_means([sweep.surrogate], sweep, classes)

    def noise_step(self, model: nn.Module, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """T steps away from the mean features of the own class, or to the nearest others."""
        assert self.means is not None
        return pgd_steps(
            OfViews(self.step_views, Features(model)),
            images,
            labels,
            epsilon=self.epsilon,
            step_size=self.step_size,
            steps=self.steps,
            start=delta,
            minimize=self.goal == "pull",
            losses=partial(to_own if self.goal == "push" else to_nearest_other, self.means),
        )


def to_own(means: Tensor, features: Tensor, labels: Tensor) -> Tensor:
    """Mean squared difference of features [B, D] to the mean of their class, [B]."""
    return mean_square(features, means[labels])


def to_nearest_other(means: Tensor, features: Tensor, labels: Tensor) -> Tensor:
    """The same, [B], to the mean of another class, whichever is nearest now."""
    return mean_square(features, means[nearest_other(features, means, labels)])
