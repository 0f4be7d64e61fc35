"""What the generator and the classifier share: a model, SGD, scores, repeatable epochs."""

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import lightning as L
import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor
from torch.optim import SGD, Optimizer

from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.data.plan import TrainingPlan
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.models import build_model
from unlearnable_lightning.run.checkpoint_io import SafeCheckpointIO
from unlearnable_lightning.run.ending import Ending, ending_of
from unlearnable_lightning.run.load_module import load_module
from unlearnable_lightning.run.open_epoch import go_on, mark, settle
from unlearnable_lightning.run.past_run import PastRun
from unlearnable_lightning.run.preflight import check_ranks, check_trainer
from unlearnable_lightning.run.retune import retune
from unlearnable_lightning.training.scores import Scores
from unlearnable_lightning.training.train_images import check_same, describe

if TYPE_CHECKING:
    from typing_extensions import Self

Batch = dict[str, Tensor]
_LIGHTNING_WARNINGS = (
    ".*smaller than the logging interval.*",  # epochs are logged, not steps
    ".*Checkpoint directory .* exists and is not empty.*",  # a resume; others are refused
    "Total length of .* across ranks is zero.*",  # val_size=0
    ".*LeafSpec.*is deprecated.*",
    ".*checkpoint that ended before the epoch ended.*",  # it goes on at its batch
)


class NonFiniteError(RuntimeError):
    """Loss or noise became infinite or NaN; what was computed before is kept."""


class ImageModule(L.LightningModule):
    """A model from its name, SGD with momentum, and epochs that repeat after a resume.

    Arguments are numbers, strings and dicts of them alone, so that a checkpoint can be opened
    without running code from it.

    Args:
        model: a name of `unlearnable_lightning.models` or an import path (see `build_model`).
        model_args: further keyword arguments of the model.
        num_classes: K; the command line takes this and the next two from the data.
        in_channels: of the images.
        image_size: height and width of the images in pixels.
        lr: learning rate of SGD.
        momentum: of SGD.
        weight_decay: of SGD, on all parameters.
        max_grad_norm: gradients are clipped to this norm; null for no clipping. The Trainer's
            `gradient_clip_val` goes before it.

    Attributes:
        fixed: names of the arguments that cannot change once there are weights.
        named: the arguments that name code, and the room whose names a checkpoint may bring (see
            `run.trust`); None for a file, of which a checkpoint may bring no name.
    """

    # torch.jit compiles every property that it is not told of
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
        image_size: int = 32,
        lr: float = 0.1,
        momentum: float = 0.9,
        weight_decay: float = 5e-4,
        max_grad_norm: float | None = 5.0,
    ) -> None:
        super().__init__()
        for nothing_to_do_about in _LIGHTNING_WARNINGS:
            warnings.filterwarnings("ignore", nothing_to_do_about)
        self.model = build_model(
            model,
            num_classes=num_classes,
            in_channels=in_channels,
            image_size=image_size,
            model_args=model_args,
        )
        self.save_hyperparameters()  # the child's arguments too, and defaults
        if not 0 < lr < math.inf:
            raise UnlearnableError(f"lr={lr}: the learning rate must be above 0, such as 0.1.")
        for name, value in (("momentum", momentum), ("weight_decay", weight_decay)):
            if not 0 <= value < 1:
                raise UnlearnableError(f"{name}={value}: it must lie in [0, 1).")
        if max_grad_norm is not None and not max_grad_norm > 0:
            raise UnlearnableError(
                f"max_grad_norm={max_grad_norm}: it must be above 0; null is no clipping."
            )
        self.image_shape = (in_channels, image_size, image_size)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.max_grad_norm = max_grad_norm
        self.scores = Scores()
        self.seed: int | None = None  # of the run; a resumed run keeps it
        self.epoch_open = False  # between the start of an epoch and its end
        self.resumed: dict[str, Any] | None = None  # what is behind, if a checkpoint was given
        self.past: PastRun | None = None  # the run that it was made by
        self.train_images: dict[str, Any] | None = None  # what these weights were trained on

    def configure_callbacks(self) -> list[Callback]:
        check_trainer(self.trainer)  # here, because nothing is written yet
        return []

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, K] of images [B, C, H, W] in [0, 1]."""
        return self.model(images)

    @property
    def attack_dtype(self) -> torch.dtype:
        """Of the `FrozenModel` that an attack or a sweep differentiates through."""
        return torch.bfloat16 if "bf16" in str(self.trainer.precision) else torch.float32

    @property
    def train_set(self) -> Any:
        """The training images, an `ImageDataset`."""
        if self._jit_is_scripting:  # torch.jit reads every property
            return None
        return ImageDataModule.of(self.trainer).train_set

    def training_plan(self) -> TrainingPlan:
        """One pass over the images in an epoch, in an order drawn from the seed."""
        return TrainingPlan(seed=self.seed or 0)

    def setup(self, stage: str) -> None:
        if type(self.trainer.strategy.checkpoint_io) is TorchCheckpointIO:  # the default
            self.trainer.strategy.checkpoint_io = SafeCheckpointIO()
        if str(self.trainer.precision).endswith("-true") and self.trainer.precision != "32-true":
            raise UnlearnableError(
                f"trainer.precision={self.trainer.precision} is not supported: images become "
                "float32 on the device. Give bf16-mixed, 16-mixed or 32-true."
            )
        check_ranks(self.trainer)
        if stage == "fit":
            self.forget_epoch()
            self.resumed = None
            datamodule: Any = getattr(self.trainer, "datamodule", None)
            ours = hasattr(datamodule, "train_set")
            self.train_images = describe(datamodule.train_set) if ours else None
        if stage == "fit" and self.seed is None:  # a checkpoint, loaded later, brings its own
            # without seed_everything every rank has another one
            self.seed = self.trainer.strategy.broadcast(torch.initial_seed())
        self._check_images()

    def _check_images(self) -> None:
        data: Any = getattr(self.trainer, "datamodule", None)
        given, built = getattr(data, "in_channels", None), self.hparams["in_channels"]
        if given is not None and given != built:
            raise UnlearnableError(
                f"the data has in_channels={given}, the module is built for in_channels={built}. "
                f"Give it other images, or build it with in_channels={given} and train it."
            )
        given, built = getattr(data, "num_classes", None), self.hparams["num_classes"]
        if given is not None and given > built:
            raise UnlearnableError(
                f"the data has num_classes={given}, the module is built for num_classes={built}. "
                f"Build it with num_classes={given} and train it."
            )

    def forget_epoch(self) -> None:
        """Drops what an epoch that broke off left in this object."""
        self.epoch_open = False
        self.scores.reset()

    def ending(self, epochs: int, steps: int) -> Ending | None:
        """By which rule this run ends after so many epochs and steps; None if it goes on."""
        return ending_of(self.trainer, epochs, steps)

    def on_fit_start(self) -> None:
        """Says so if nothing is left to do, and refuses a fit that would do nothing at all."""
        done: Any = self.trainer.fit_loop.epoch_progress.current
        here = {"epochs": done.processed, "steps": self.trainer.global_step}
        behind = self.resumed or here
        end = self.ending(behind["epochs"], behind["steps"])
        if end is None:
            return
        if self.resumed is None:
            raise UnlearnableError(
                f"nothing would be trained: {end.rule}. To go on, {end.go_on}, or take a new "
                "Trainer for a new run."
            )
        rank_zero_info(f"Nothing is left to do: {end.rule}. To go on, {end.go_on}.")

    def on_train_start(self) -> None:
        self.retune_optimizers()
        if self.resumed is not None:
            self.epoch_open = self.resumed["point"] is not None
            go_on(self, self.resumed["point"])

    def on_train_epoch_start(self) -> None:
        """Draws of an epoch depend on seed, epoch and rank alone, not on what ran before."""
        self.forget_epoch()
        self.epoch_open = True
        torch.manual_seed(self.epoch_seed(self.global_rank))

    def on_train_epoch_end(self) -> None:
        """To be called last by those who override it."""
        self.epoch_open = False
        self.trainer.fit_loop.epoch_loop.restarting = False  # the resumed epoch is over

    def on_validation_epoch_start(self) -> None:
        self.scores.reset()

    def on_test_epoch_start(self) -> None:
        self.scores.reset()

    def epoch_seed(self, rank: int = 0, epoch: int | None = None) -> int:
        """A seed of its own for each epoch (None is the current one) and rank."""
        assert self.seed is not None
        epoch = self.current_epoch if epoch is None else epoch
        return (self.seed + 1_000_003 * (epoch + 1) + rank) % 2**63

    def check_finite(self, value: Tensor, what: str) -> None:
        """Raises NonFiniteError if `value` has an infinite or NaN element."""
        if not torch.isfinite(value).all():
            raise NonFiniteError(
                f"{what} is not finite in epoch {self.current_epoch}. A lower lr, a lower "
                "max_grad_norm or --trainer.precision 32-true may help. The last checkpoint is "
                "from the epoch before."
            )

    def configure_optimizers(self) -> Any:
        return SGD(
            self.model.parameters(),
            lr=self.lr,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
        )

    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: int | float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        most = self.max_grad_norm if gradient_clip_val is None else gradient_clip_val
        if most is not None:
            self.clip_gradients(optimizer, most, gradient_clip_algorithm or "norm")

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["seed"] = self.seed
        checkpoint["open_epoch"] = mark(self) if self.epoch_open else None
        checkpoint["train_images"] = self.train_images
        # a checkpoint made in a notebook lacks what the command line opens it by
        path = f"{type(self).__module__}.{type(self).__qualname__}"
        checkpoint["hyper_parameters"].setdefault("_class_path", path)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Takes over weights and progress. The arguments are this module's own; those that the
        weights fix must be the same.

        Raises:
            UnlearnableError: they are not, or a run that is resumed is past its `max_epochs`.
        """
        trainer = self._trainer
        path = trainer.ckpt_path if trainer is not None else "given"
        past = PastRun.of(checkpoint, path)
        past.check_fixed(self.fixed, self.hparams)
        if past.seed is not None:
            self.seed = past.seed
        if trainer is not None and trainer.state.fn == "fit":
            self.resume(checkpoint, path)
        else:
            self.train_images = checkpoint.get("train_images")

    def resume(self, checkpoint: dict[str, Any], path: Any) -> None:
        """Takes up the run that made a checkpoint. Nothing has been written when it is refused.

        Raises:
            UnlearnableError: it holds weights alone, belongs to other images, or is ahead of
                `max_epochs`.
        """
        PastRun.of(checkpoint, path).check_resumable()
        check_same(checkpoint.get("train_images"), self.train_images)
        point = settle(checkpoint)
        self.past = PastRun.of(checkpoint, path)
        self.past.check_resume(self.trainer.max_epochs, self.hparams)
        steps = checkpoint["global_step"]
        self.resumed = {"epochs": self.past.epochs, "steps": steps, "point": point}

    def retune_optimizers(self) -> None:
        """A restored optimizer has the settings of the run before; here it takes over the new."""
        past, self.past = self.past, None
        if past is None:
            return
        configs = self.trainer.lr_scheduler_configs
        schedules = {id(each.scheduler.optimizer): each.scheduler for each in configs}
        for optimizer in self.trainer.optimizers:
            schedule = schedules.get(id(optimizer))
            retune(optimizer, schedule, past.arguments, self.hparams, self.trainer.global_step)

    @classmethod
    def load_from_checkpoint(
        cls,
        checkpoint_path: Any,
        map_location: Any = None,
        hparams_file: Any = None,
        strict: bool | None = None,
        weights_only: bool | None = None,
        **kwargs: Any,
    ) -> "Self":
        """A module with the weights and arguments of a checkpoint. See `load_module`."""
        return load_module(
            cls,
            checkpoint_path,
            map_location=map_location,
            hparams_file=hparams_file,
            strict=strict,
            weights_only=weights_only,
            given=kwargs,
        )

    def plain_hparams(self) -> dict[str, Any]:
        """The arguments of the constructor, without what the command line adds to them."""
        return {key: value for key, value in self.hparams.items() if not key.startswith("_")}

    def replace_default_checkpoints(self, checkpoints: list[ModelCheckpoint]) -> list[Callback]:
        """`checkpoints` in place of the Trainer's default one; nothing if the user chose any."""
        chosen: Sequence[Any] = self.trainer.checkpoint_callbacks
        default = all(
            isinstance(c, ModelCheckpoint)
            and not c.monitor
            and not c.filename
            and not c.save_last
            and c.dirpath is None
            for c in chosen
        )
        if not (chosen and default):
            return []
        # taken out here: left to the Trainer, it would announce what nobody can act on
        trainer: Any = self.trainer  # Lightning declares no type for its callbacks
        trainer.callbacks = [each for each in trainer.callbacks if each not in chosen]
        return list(checkpoints)

    def missing(self, callbacks: Sequence[Callback]) -> list[Callback]:
        """Those that the Trainer does not have yet, from an earlier call of it."""
        trainer: Any = self.trainer
        there = {type(callback) for callback in trainer.callbacks}
        return [callback for callback in callbacks if type(callback) not in there]
