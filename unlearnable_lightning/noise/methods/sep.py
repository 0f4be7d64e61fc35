"""SEP, self-ensemble protection: Chen et al., "Self-Ensemble Protection: Training Checkpoints Are
Good Data Protectors", ICLR 2023, arXiv 2211.12005."""

from functools import partial
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer

from unlearnable_lightning.attacks import FrozenModel
from unlearnable_lightning.attacks.features import Features, check_features
from unlearnable_lightning.attacks.pgd import Gradient, into_ball, signed_steps
from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.class_means import class_means, mean_square
from unlearnable_lightning.noise.driver import NoiseDriver
from unlearnable_lightning.noise.ensemble import mean_gradient, reduced_gradient
from unlearnable_lightning.noise.members import Members
from unlearnable_lightning.noise.reference_training import ReferenceTraining
from unlearnable_lightning.noise.sweep import Sweep
from unlearnable_lightning.noise.targets import check_shift, target
from unlearnable_lightning.run import average_buffers


class SEP(NoiseDriver):
    """Targeted adversarial examples of many checkpoints of one training, under their true labels.
    They transfer better than those of its last network.

    The rounds train on clean views, and n networks of them are kept at equal distances, the last
    one included. After the last round each image takes T steps towards t = (y + shift) mod K:

        x' <- clip(x' - alpha * sign(mean over k of grad L_k(x')), x +- epsilon, [0, 1])

    L_k is CE(f_k(x'), t). With `features` (SEP-FA) it is the mean squared difference of the
    features of network k to its own mean features of class t, over all clean images in eval mode.
    With `inner_steps` (VR) a step follows `reduced_gradient` in the place of the mean.

    Published: 120 epochs, 30 networks (15 for VR, with 15 inner steps), T 30, alpha 1/255 from
    zeros. The published code takes epsilon 2/255; the default here is 8/255, at which others
    compare noises.

    Where the published code differs: it keeps a checkpoint only where the accuracy on test images
    rises, so which ones depends on luck and on test images. It computes the class means of the
    first network in train mode, and measures all networks of an inner walk by those of the last
    one. It divides the learning rate by 10 after 75 and 90 epochs, here it falls along a cosine;
    its release is floored to grey levels, ours is rounded.

    A checkpoint holds the networks so far, 45 MB for each ResNet-18. A run that ends before
    `max_epochs` takes the networks that it has.

    Args:
        members: n, which must divide the Trainer's `max_epochs`.
        shift: from the true class to the target, 0 to K - 1.
        features: whether the target is the mean features of a class (SEP-FA), not its label.
        inner_steps: of the inner walk that reduces variance, at the cost of n + `inner_steps`
            gradients in a step for n; 0 takes the mean gradient.
        epsilon: bound of the noise, in pixels of [0, 1].
        step_size: alpha; null takes epsilon / 10.
        steps: T.
        model_steps: M; null is one pass over the images.
        init: the first noise.
        stop_error: an error is known after the last round alone, so it stops nothing.
        warmup: share of all model steps in which the learning rate climbs linearly.
        cosine: whether it then falls to 0 along a cosine; else it stays.
        kwargs: as in `NoiseDriver`; `views` are those that the networks train on.

    Raises:
        UnlearnableError: a shift to no class of the data, members that do not divide `max_epochs`,
            or an amount out of range.

    Example:
        >>> module = SEP(members=30, views=["RandomCropFlip"])
        >>> Trainer(max_epochs=120).fit(module, CIFAR10DataModule())
    """

    sweeps = "last_round"

    def __init__(
        self,
        members: int = 30,
        shift: int = 5,
        features: bool = False,
        inner_steps: int = 0,
        epsilon: float | str = "8/255",
        step_size: float | str | None = "1/255",
        steps: int = 30,
        model_steps: int | None = None,
        init: Literal["uniform", "zeros", "normal"] = "zeros",
        stop_error: float | None = None,
        warmup: float = 0.0,
        cosine: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            epsilon=epsilon,
            step_size=step_size,
            steps=steps,
            model_steps=model_steps,
            init=init,
            stop_error=stop_error,
            **kwargs,
        )
        whole_number("shift", shift, 0, "0 is the true class")  # null would be none
        check_shift(shift, self.hparams["num_classes"])
        whole_number("inner_steps", inner_steps, 0, "0 takes the mean gradient")
        check_members(members, model_steps)
        self.reference = ReferenceTraining(warmup, cosine)
        self.shift, self.inner_steps, self.features = shift, inner_steps, features
        self.members = Members()
        # of the sweep that is under way
        self.earlier: list[FrozenModel] = []  # all members but the last, which the sweep gives
        self.means: Tensor | None = None  # [n, K, D], the last member's last

    def setup(self, stage: str) -> None:
        """As in `NoiseDriver`; also plans the members, and refuses what has no features."""
        super().setup(stage)
        if stage == "fit":
            trainer: Any = self.trainer  # fast_dev_run has no type, and one epoch in any case
            count = 1 if trainer.fast_dev_run else self.hparams["members"]
            self.members.plan(count, trainer.max_epochs)
            if self.features:
                check_features(self.model, self.image_shape)
                check_targets(self.train_set.labels, self.shift, self.hparams["num_classes"])

    def on_fit_start(self) -> None:
        """As in `NoiseDriver`; also refuses to go on without members that the run would have."""
        done = self.trainer.current_epoch if self.resumed is None else self.resumed["epochs"]
        self.members.check(done, self.model)
        super().on_fit_start()

    def scheduled(self, optimizer: Optimizer) -> Any:
        """The climb and the cosine."""
        return self.reference.scheduled(optimizer, self.trainer)

    def model_loss(self, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """The members train on clean views."""
        return self.reference.loss(self, self.views(images), labels)

    def on_train_epoch_end(self) -> None:
        """As in `NoiseDriver`; also keeps the network, if it is a member."""
        if self.current_epoch + 1 in self.members.epochs:
            average_buffers(self.trainer, self.model)
            self.members.keep(self.current_epoch + 1, self.model)
        super().on_train_epoch_end()
        self.earlier, self.means = [], None

    def begin_sweep(self, sweep: Sweep) -> None:
        """Freezes the members, once; computes their class means if noise is made of features."""
        earlier = self.members.before(self.current_epoch + 1, self.model)
        self.earlier = [sweep.freeze(each) for each in earlier]
        if self.features:
            members = [*self.earlier, sweep.surrogate]
            self.means = class_means(members, sweep, self.hparams["num_classes"])

    def noise_step(self, model: nn.Module, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """T steps down the mean loss of the members, of which `model` is the last."""
        wanted = target(labels, self.shift, self.hparams["num_classes"])
        gradients = [
            partial(self._gradient, number, member, wanted)
            for number, member in enumerate([*self.earlier, model])
        ]

        def walk(direction: Gradient, start: Tensor, steps: int) -> Tensor:
            amounts = {"epsilon": self.epsilon, "step_size": -self.step_size}
            return signed_steps(direction, start, images, steps=steps, **amounts)

        direction: Gradient = partial(mean_gradient, gradients)
        if self.inner_steps:
            direction = partial(
                reduced_gradient, gradients, walk=partial(walk, steps=self.inner_steps)
            )
        with torch.enable_grad():
            start = into_ball(images + delta, images, self.epsilon)
            return walk(direction, start, self.steps) - images

    def _gradient(self, number: int, member: nn.Module, wanted: Tensor, images: Tensor) -> Tensor:
        """Of the loss of one member, summed over the images."""
        if self.means is None:
            loss = cross_entropy(member(images).float(), wanted, reduction="sum")
        else:
            loss = mean_square(Features(member)(images), self.means[number][wanted]).sum()
        return torch.autograd.grad(loss, images)[0]

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """As in `NoiseDriver`; also the members so far."""
        super().on_save_checkpoint(checkpoint)
        checkpoint["members"] = self.members.kept

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """As in `NoiseDriver`; also takes over the members."""
        self.members.kept = checkpoint.get("members", {})
        super().on_load_checkpoint(checkpoint)


def check_members(members: int, model_steps: int | None) -> None:
    """Refuses members of which there is none, or that could not differ.

    Raises:
        UnlearnableError: fewer than 1, or more than 1 of a network that does not train.
    """
    whole_number("members", members, 1, "the last network is one")
    if members > 1 and model_steps == 0:
        raise UnlearnableError(
            f"members={members} with model_steps=0: the network does not train, so all members "
            "would be the same. Give members=1, or model_steps at least 1."
        )


def check_targets(labels: Tensor, shift: int, classes: int) -> None:
    """Refuses targets of which there are no images, and so no mean features.

    Args:
        labels: int64 [N], of all training images.
        shift: as in `SEP`.
        classes: K.

    Raises:
        UnlearnableError: names the targets without images.
    """
    present = labels.unique()
    wanted = target(present, shift, classes)
    lacking = wanted[~torch.isin(wanted, present)].tolist()
    if lacking:
        raise UnlearnableError(
            f"features=True with shift={shift} of {classes} classes: no training image is of class "
            f"{', '.join(map(str, sorted(lacking)))}, so it has no mean features to come near to. "
            "Give images of all classes (--data.train_subset), or another --model.shift."
        )
