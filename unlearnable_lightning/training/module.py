"""What the generator and the classifier share: a model, SGD, scores, repeatable epochs."""

from typing import Any, ClassVar

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from torch.optim import SGD, Optimizer
from typing_extensions import Self

import unlearnable_lightning.run as run
from unlearnable_lightning.checks.image_size import ImageSize, height_and_width
from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.data.plan import TrainingPlan
from unlearnable_lightning.models import build_model
from unlearnable_lightning.training.finite import check_finite
from unlearnable_lightning.training.given_images import check_images, data_module
from unlearnable_lightning.training.progress import go_on, read_progress, write_progress
from unlearnable_lightning.training.scores import Scores
from unlearnable_lightning.training.sgd import check_sgd
from unlearnable_lightning.training.train_images import check_same, describe

Batch = dict[str, Tensor]


class ImageModule(L.LightningModule):
    """A model from its name, SGD with momentum, and epochs that repeat after a resume.

    Arguments are numbers, strings and dicts of them alone, so that a checkpoint can be opened
    without running code from it.

    Args:
        model: a name of `unlearnable_lightning.models` or an import path (see `build_model`).
        model_args: further keyword arguments of the model.
        num_classes: K; the command line takes this and the next two from the data.
        in_channels: of the images.
        image_size: height and width of the images in pixels: one number for squares, or
            [height, width].
        lr: learning rate of SGD.
        momentum: of SGD.
        weight_decay: of all parameters.
        max_grad_norm: gradients are clipped to this norm, or to the Trainer's `gradient_clip_val`;
            null for no clipping.
        nesterov: whether the momentum is Nesterov's.

    Attributes:
        fixed: names of the arguments that cannot change once there are weights.
        named: the arguments that name code, and the room whose names a checkpoint may bring (see
            `run.trust`); None for a file, of which a checkpoint may bring no name.
    """

    # torch.jit compiles every property that it is not told of (Lightning 2.6 keeps the list)
    __jit_unused_properties__: list[str] = [  # noqa: RUF012  # as the base class declares it
        *L.LightningModule.__jit_unused_properties__,
        "attack_dtype",
        "train_set",
    ]
    named: ClassVar[dict[str, str | None]] = {"model": "unlearnable_lightning.models"}
    fixed: tuple[str, ...] = ("model", "model_args", "num_classes", "in_channels", "image_size")

    def __init__(
        self,
        model: str = "resnet18",
        model_args: dict[str, Any] | None = None,
        num_classes: int = 10,
        in_channels: int = 3,
        image_size: ImageSize = 32,
        lr: float = 0.1,
        momentum: float = 0.9,
        weight_decay: float = 5e-4,
        max_grad_norm: float | None = 5.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__()
        self.model = build_model(
            model,
            num_classes=num_classes,
            in_channels=in_channels,
            image_size=image_size,
            model_args=model_args,
        )
        self.save_hyperparameters()  # the child's arguments too, and defaults
        check_sgd(lr, momentum, weight_decay, max_grad_norm, nesterov)
        self.image_shape = (in_channels, *height_and_width(image_size))
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.max_grad_norm, self.nesterov = max_grad_norm, nesterov
        self.scores = Scores()
        self.seed: int | None = None  # of the run; a resumed run keeps it
        self.epoch_open = False  # between the start of an epoch and its end
        self.resumed: run.Behind | None = None  # what is behind, if a checkpoint was given
        self.past: run.PastRun | None = None  # the run that it was made by
        self.train_images: dict[str, Any] | None = None  # what these weights were trained on

    def configure_callbacks(self) -> list[Callback]:
        """None; refuses a Trainer that cannot train, before it writes anything."""
        run.quiet_lightning()
        run.check_trainer(self.trainer)  # here, because nothing is written yet
        return []

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, K] of images [B, C, H, W] in [0, 1]."""
        logits: Tensor = self.model(images)
        return logits

    @property
    def attack_dtype(self) -> torch.dtype:
        """Of the `FrozenModel` that an attack or a sweep differentiates through."""
        return torch.bfloat16 if "bf16" in str(self.trainer.precision) else torch.float32

    @property
    def train_set(self) -> Any:
        """The training images, an `ImageDataset`; torch.jit reads every property."""
        return None if self._jit_is_scripting else ImageDataModule.of(self.trainer).train_set

    def training_plan(self) -> TrainingPlan:
        """One pass over the images in an epoch, in an order drawn from the seed."""
        return TrainingPlan(seed=self.seed or 0)

    def setup(self, stage: str) -> None:
        """Refuses what the images and the Trainer do not allow."""
        run.make_safe(self.trainer)
        run.check_precision(self.trainer)
        run.check_ranks(self.trainer)
        if stage == "fit":
            self.forget_epoch()
            self.resumed = None
            data = data_module(self.trainer)
            self.train_images = None if data is None else describe(data.train_set)
            if self.seed is None:  # a checkpoint, loaded later, brings its own
                self.seed = run.shared_seed(self.trainer)
        check_images(self.trainer, self.hparams)

    def forget_epoch(self) -> None:
        """Drops what an epoch that broke off left in this object."""
        self.epoch_open = False
        self.scores.reset()

    def ending(self, epochs: int, steps: int) -> run.Ending | None:
        """By which rule this run ends after so many epochs and steps; None if it goes on."""
        return run.ending_of(self.trainer, epochs, steps)

    def on_fit_start(self) -> None:
        """Says so if nothing is left to do."""
        run.say_if_done(self.trainer, self.resumed, self.ending)

    def on_train_start(self) -> None:
        """Goes on where the checkpoint was left, if there is one."""
        go_on(self)

    def on_train_epoch_start(self) -> None:
        """Draws of an epoch depend on seed, epoch and rank alone, not on what ran before."""
        self.forget_epoch()
        self.epoch_open = True
        torch.manual_seed(self.epoch_seed(self.global_rank))

    def on_train_epoch_end(self) -> None:
        """To be called last by those who override it."""
        self.epoch_open = False
        run.end_epoch(self.trainer)

    def on_validation_epoch_start(self) -> None:
        """Drops what a validation that broke off left."""
        self.scores.reset()

    def on_test_epoch_start(self) -> None:
        """Drops what a test that broke off left."""
        self.scores.reset()

    def epoch_seed(self, rank: int = 0, epoch: int | None = None) -> int:
        """A seed of its own for each epoch (None is the current one) and rank."""
        assert self.seed is not None
        epoch = self.current_epoch if epoch is None else epoch
        return (self.seed + 1_000_003 * (epoch + 1) + rank) % 2**63

    def check_finite(self, value: Tensor, what: str) -> None:
        """Raises NonFiniteError if `value` has an infinite or NaN element."""
        check_finite(value, what, self.current_epoch)

    def configure_optimizers(self) -> Any:
        """SGD on all parameters of the model."""
        weights, decay = self.model.parameters(), self.weight_decay
        return SGD(weights, self.lr, self.momentum, weight_decay=decay, nesterov=self.nesterov)

    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: int | float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clips to `max_grad_norm`, or to what the Trainer was told."""
        limit = self.max_grad_norm if gradient_clip_val is None else gradient_clip_val
        if limit is not None:
            self.clip_gradients(optimizer, limit, gradient_clip_algorithm or "norm")

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Adds seed, progress and images; see `write_progress`."""
        write_progress(self, checkpoint)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Takes over weights and progress; see `read_progress`."""
        read_progress(self, checkpoint)

    def resume(self, checkpoint: dict[str, Any], path: Any) -> None:
        """Takes up the run that made a checkpoint. Nothing has been written when it is refused.

        Raises:
            UnlearnableError: it holds weights alone, belongs to other images, or is ahead of
                `max_epochs`.
        """
        run.PastRun.of(checkpoint, path).check_resumable()
        check_same(checkpoint.get("train_images"), self.train_images)
        epochs = self.trainer.max_epochs
        self.past, self.resumed = run.take_up(checkpoint, path, epochs, self.hparams)

    @classmethod
    def load_from_checkpoint(cls, checkpoint_path: Any, *args: Any, **kwargs: Any) -> Self:
        """A module with the weights and arguments of a checkpoint. See `load_module`."""
        return run.load_module(cls, checkpoint_path, *args, **kwargs)
