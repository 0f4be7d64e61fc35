"""The driver of every method by gradient: rounds of model steps and sweeps over all images."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.optim import Optimizer

from unlearnable_lightning.by_name import Spec
from unlearnable_lightning.data.plan import TrainingPlan
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise import class_update
from unlearnable_lightning.noise.amounts import check_reach
from unlearnable_lightning.noise.arguments import check_rounds, read_amounts
from unlearnable_lightning.noise.broken_round import refuse_broken_round, refuse_finders
from unlearnable_lightning.noise.clean_images import refuse_noise
from unlearnable_lightning.noise.deltas import Deltas
from unlearnable_lightning.noise.poisoned_writer import PoisonedWriter, published
from unlearnable_lightning.noise.release_of_rounds import release_of
from unlearnable_lightning.noise.rounds_writer import RoundsWriter
from unlearnable_lightning.noise.sharded_deltas import ShardedDeltas
from unlearnable_lightning.noise.sweep import Sweep
from unlearnable_lightning.noise.views import Views
from unlearnable_lightning.pixels import quantize
from unlearnable_lightning.release import Release
from unlearnable_lightning.release.record import as_json
from unlearnable_lightning.run import (
    Ending,
    LastCheckpoint,
    RunLock,
    StartCheckpoint,
    can_stop_early,
    deltas_folders,
    missing_callbacks,
    plain_hparams,
    replace_default_checkpoints,
)
from unlearnable_lightning.run.spawned import received_path
from unlearnable_lightning.training.module import Batch, ImageModule
from unlearnable_lightning.training.weights_file import load_weights


class NoiseDriver(ImageModule, ABC):
    """Rounds: M model steps, a sweep of noise steps over every image, the error; one is an epoch.

    A method is a child with its hooks: `noise_step`, and where they differ `begin_sweep`,
    `model_loss`, `perturbed`, `delta_channels`, `scheduled` and `sweeps`. Sweep, ranks, resume,
    stop rule and files are here, once. The error is that of the surrogate on the release as it
    would be published: plain images, noise in 8 bits. After every round `noise.safetensors`
    and `noise.png` in the run folder and `last.ckpt` are written anew; an interrupted run also
    keeps what its round had.

    Args:
        kind: `samplewise`, one delta per image, or `classwise`, one per class.
        epsilon: bound of the noise in pixels of [0, 1], 1/255 to 127/255; `8/255` may be written.
        step_size: alpha, of one noise step, likewise, or a share such as `epsilon/5`; null takes
            `epsilon/10`.
        steps: T, noise steps per image and sweep.
        model_steps: M, batches that the surrogate trains on per round; more than the images serve
            start over, null is one pass over them, 0 trains nothing. A batch holds no image twice.
        init: the first noise, `uniform` in [-epsilon, epsilon], `zeros`, or `normal`, a Gaussian
            with standard deviation epsilon that is clipped to it.
        class_rule: how class-wise noise takes in a batch: the `mean` of its images' deltas, or
            `sequential`, one image after the other (the thesis).
        views: what turns an image into the view that noise is laid on, in the order of application:
            names of `unlearnable_lightning.augment`, import paths or {class_path, init_args}; null
            takes plain images. In the end the noise is laid on the plain image.
        surrogate: a checkpoint whose weights the surrogate starts from; null draws its own.
        stop_error: lambda, in [0, 1]; null never stops before `max_epochs`.
        sweep_batch_size: images per device at a time in the sweep; null takes the data's batch
            size. Sample-wise noise does not depend on it; larger is faster on a GPU.
        kwargs: as in `ImageModule`: the surrogate and its optimizer.

    Attributes:
        sweeps: when noise steps are taken: in a sweep over all images after `every_round` or after
            the `last_round` alone, or on `every_batch` before the surrogate trains on it, with a
            sweep after the last round.
    """

    fixed = (*ImageModule.fixed, "kind", "init")
    named: ClassVar[dict[str, str | None]] = {
        **ImageModule.named,
        "views": "unlearnable_lightning.augment",
        "surrogate": None,
    }
    sweeps: ClassVar[Literal["every_round", "last_round", "every_batch"]] = "every_round"

    def __init__(
        self,
        kind: Literal["samplewise", "classwise"] = "samplewise",
        epsilon: float | str = "8/255",
        step_size: float | str | None = None,
        steps: int = 20,
        model_steps: int | None = 20,
        init: Literal["uniform", "zeros", "normal"] = "uniform",
        class_rule: Literal["mean", "sequential"] = "mean",
        views: list[Spec] | None = None,
        surrogate: str | None = None,
        stop_error: float | None = 0.01,
        sweep_batch_size: int | None = None,
        **kwargs: Any,
    ) -> None:
        # a victim of the same seed would start from the surrogate's weights, and such noise is
        # far stronger on it than on any other
        own_seed = int(torch.randint(2**62, ()))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(own_seed)
            super().__init__(**kwargs)
        self.epsilon, self.step_size = read_amounts(epsilon, step_size, steps)
        check_rounds(kind, init, class_rule, steps, model_steps, stop_error, sweep_batch_size)
        self.kind, self.steps, self.init, self.class_rule = kind, steps, init, class_rule
        self.model_steps, self.surrogate = model_steps, surrogate
        self.stop_error, self.sweep_batch_size = stop_error, sweep_batch_size
        self.views = Views(views)
        self.deltas = Deltas(kind == "classwise", self.epsilon)
        self.ended_by: Ending | None = None  # the rule that ended the run; None while it goes on
        self.step_losses: list[Tensor] = []
        self.batch_sweep: Sweep | None = None  # of the round, if noise steps come on every batch
        self.sweeping = False
        self.noise_file: str | None = None  # what spawned processes wrote

    # --- what a method decides ------------------------------------------------------------------
    @abstractmethod
    def noise_step(self, model: nn.Module, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """The T steps of a sweep on some images.

        Args:
            model: the surrogate, frozen, in eval mode: images [B, C, H, W] to logits [B, K].
            images: float [B, C, H, W] in [0, 1], plain; `self.views` makes views of them.
            labels: int64 [B].
            delta: float32 [B, `delta_channels`, H, W], what they have so far.

        Returns:
            The new noise, of the shape of `delta`, within the bound.
        """

    def begin_sweep(self, sweep: Sweep) -> None:
        """Called on every rank before the noise steps of a sweep: for what they need to know of all
        images, such as `class_means`. Nothing, if a method has no such need.

        Args:
            sweep: its `surrogate` is what `noise_step` will be given, its `batches` are the images.
        """

    def perturbed(self, images: Tensor, delta: Tensor) -> Tensor:
        """What the surrogate trains on: noise laid on the view; float [B, C, H, W] in [0, 1]."""
        views: Tensor = self.views(images)
        return (views + delta).clamp_(0, 1)

    def model_loss(self, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """What a model step minimises, a scalar; arguments as for `noise_step`."""
        return cross_entropy(self(self.perturbed(images, delta)), labels)

    def delta_channels(self, channels: int) -> int:
        """Channels of the noise for images of so many: as many, or 1 for all of them alike."""
        return channels

    def scheduled(self, optimizer: Optimizer) -> Any:
        """What `configure_optimizers` is to give for SGD: itself, or with a schedule."""
        return optimizer

    # --- rounds ---------------------------------------------------------------------------------
    def training_plan(self) -> TrainingPlan:
        """M batches in an epoch, of all images; one at least, so that there is a round."""
        batches = None if self.model_steps is None else max(self.model_steps, 1)
        own = self.kind == "samplewise"  # the noise of an image is where the image is
        plan = super().training_plan()
        return replace(plan, batches=batches, every_image=True, own_images=own)

    def configure_optimizers(self) -> Any:
        """SGD and the method's schedule; none where nothing trains, which would warn."""
        optimizer = super().configure_optimizers()
        return optimizer if self.model_steps == 0 else self.scheduled(optimizer)

    def configure_callbacks(self) -> list[Callback]:
        """Brings the writers, the checkpoints and the lock of the folder."""
        super().configure_callbacks()
        refuse_finders(self.trainer)
        checkpoints = replace_default_checkpoints(self.trainer, [LastCheckpoint()])
        # noise before checkpoint: a run killed between the two repeats the round
        writers = [RoundsWriter(), *checkpoints, StartCheckpoint(), PoisonedWriter()]
        # the lock lets go when all have written
        return missing_callbacks(self.trainer, [*writers, RunLock()])

    def setup(self, stage: str) -> None:
        """As in `ImageModule`; also refuses augmentations of the data."""
        super().setup(stage)
        if stage == "fit":
            self.views.refuse_augment(self.trainer)

    def on_fit_start(self) -> None:
        """Begins the noise, or refuses what would come to none."""
        refuse_noise(self.train_set)
        as_json(plain_hparams(self), "the arguments of the model")  # the release will record them
        sweeps = 1 if self.sweeps == "last_round" else self.trainer.max_epochs or -1
        if self.init == "zeros" and sweeps > 0:
            # class-wise noise moves with every batch, of which a sweep has no more than images
            per_sweep = len(self.train_set) if self.kind == "classwise" else 1
            check_reach(self.step_size, self.steps, sweeps * per_sweep)
        if self.surrogate is not None and self.resumed is None:
            load_weights(self.model, self.surrogate, "surrogate")
        self._place_deltas()
        self._begin_deltas()
        if self._explained():
            self.trainer.should_stop = True
        super().on_fit_start()

    def _place_deltas(self) -> None:
        """Sample-wise noise of images that are not in memory is not held in memory either."""
        if self.kind == "samplewise" and not self.train_set.in_memory:
            elsewhere = self.deltas.folders if isinstance(self.deltas, ShardedDeltas) else []
            folder, beside = deltas_folders(self.trainer)
            self.deltas = ShardedDeltas(self.deltas, self.trainer, folder, [*beside, *elsewhere])
        elif isinstance(self.deltas, ShardedDeltas):  # of a fit before, on images in files
            before, self.deltas = self.deltas, Deltas(False, self.epsilon)
            self.deltas.load_state_dict(before.state_dict())

    def _begin_deltas(self, anew: bool = False) -> None:
        source = self.train_set.source
        shape = (self.delta_channels(source.shape[1]), *source.shape[2:])
        seed = self.epoch_seed(epoch=0)
        self.deltas.begin(source, shape, self.init, seed, self.device, anew)

    @property
    def finished(self) -> bool:
        """Whether the run ended by its own rule: `stop_error`, or a limit of the Trainer's.

        A round is whole even if `max_steps` or `max_time` cut its model steps short: its sweep goes
        over every image all the same. An exception or a signal in a round leaves it unfinished.
        """
        return self.ended_by is not None

    def _explained(self) -> bool:
        error = self.deltas.error
        return self.stop_error is not None and error is not None and error <= self.stop_error

    def ending(self, epochs: int, steps: int) -> Ending | None:
        """As in `ImageModule`, and `stop_error`; the one that decides whether noise is finished."""
        self.ended_by = super().ending(epochs, steps)
        if self._explained() and can_stop_early(self.trainer, epochs, steps):
            rule = f"stop_error={self.stop_error} is reached"
            self.ended_by = Ending(rule, "give a lower --model.stop_error, or null")
        return self.ended_by

    def resume(self, checkpoint: dict[str, Any], path: Any) -> None:
        """As in `ImageModule`; also refuses what would not end in the noise of an unbroken run."""
        super().resume(checkpoint, path)
        assert self.resumed is not None
        refuse_broken_round(self.trainer, checkpoint, self.resumed["point"])

    def on_predict_start(self) -> None:
        """Refuses to poison images without noise, or with that of others."""
        if self.deltas.files is not None:
            raise UnlearnableError(
                "the noise lies in files, because its images are read and not held. Leave "
                "ckpt_path out and give --data.noise FILE, the noise.safetensors of that run."
            )
        if not self.deltas.empty:
            refuse_noise(self.train_set)
        elif self.train_set.noise is None:
            raise UnlearnableError(
                "there is no noise to lay on the images: neither data.noise is given nor a "
                "ckpt_path whose run finished a round. Give --data.noise FILE, or resume that run."
            )
        self.deltas.check_source(self.train_set.source)

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> int | None:
        """Ends a round without model steps at once; on every batch, takes its noise steps."""
        if self.model_steps == 0:
            return -1
        if self.sweeps == "every_batch":
            if self.batch_sweep is None:
                self.batch_sweep = self._sweep()
            self.batch_sweep.step_on(batch)
        return None

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """A model step on perturbed images."""
        loss = self.model_loss(batch["image"], batch["label"], self.deltas.rows(batch))
        self.check_finite(loss, f"the loss of model step {batch_idx}")
        # logged after the sweep: rank 0, for its progress bar, would reduce a metric of this step
        # before the collectives of the sweep, the other ranks after them
        self.step_losses.append(loss.detach())
        return loss

    def on_train_epoch_start(self) -> None:
        """As in `ImageModule`: a round begins, so nothing has ended the run."""
        super().on_train_epoch_start()
        self.ended_by = None
        self.deltas.tidy()

    def on_fit_end(self) -> None:
        """All checkpoints are written."""
        self.deltas.tidy()

    def forget_epoch(self) -> None:
        """As in `ImageModule`; also what its model steps noted."""
        super().forget_epoch()
        self.step_losses.clear()
        self.batch_sweep = None
        self.sweeping = False

    def on_train_epoch_end(self) -> None:
        """The sweep of the round, and its error."""
        self.sweeping = True
        epochs, steps = self.current_epoch + 1, self.trainer.global_step
        if self.sweeps == "every_round" or self.ending(epochs, steps) is not None:
            if self.sweeps == "last_round":  # of a run that ended before, too, and now goes on
                self._begin_deltas(anew=True)
            self._sweep_all()
        self.deltas.settle()
        self.deltas.rounds += 1
        if self._explained():
            self.trainer.should_stop = True
        if self.step_losses:  # a run resumed just before the sweep has none
            self.log("train_loss", torch.stack(self.step_losses).mean(), sync_dist=True)
        self.sweeping = False
        super().on_train_epoch_end()

    def _sweep(self) -> Sweep:
        loader: Any = self.trainer.train_dataloader
        size = self.sweep_batch_size or loader.batch_size
        sweep = Sweep(self, self.deltas, size, getattr(class_update, self.class_rule))
        self.begin_sweep(sweep)
        return sweep

    def _sweep_all(self) -> None:
        sweep = self._sweep()
        sweep.run()
        self.deltas.error, loss = sweep.error()
        self.log("error", self.deltas.error, prog_bar=True, sync_dist=True)
        self.log("noise_loss", loss, sync_dist=True)

    # --- what comes out -------------------------------------------------------------------------
    def noise(self) -> Release:
        """The noise as it stands, with its origin; during or after `fit`. What spawned processes
        made is read from the file that they wrote.

        Raises:
            UnlearnableError: there is none in this process.
        """
        if self.deltas.empty and self.noise_file is not None:
            return Release.load(self.noise_file)
        if self.deltas.empty or self.seed is None:
            raise UnlearnableError(
                "this generator holds no noise: give it to a Trainer's fit first, or read a file "
                "with Release.load."
            )
        return release_of(self)

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """The surrogate on clean images."""
        self.scores.update(self(batch["image"]), batch["label"])

    def on_validation_epoch_end(self) -> None:
        """Logs what validation summed up."""
        self.log_dict(self.scores.pop("val_"), sync_dist=True)

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        """The surrogate on clean images."""
        self.scores.update(self(batch["image"]), batch["label"])

    def on_test_epoch_end(self) -> None:
        """Logs what the test summed up."""
        self.log_dict(self.scores.pop("test_"), sync_dist=True)

    def predict_step(self, batch: Batch, batch_idx: int) -> Batch:
        """Poisoned images: `image` uint8 [B, C, H, W], `label` and `index` int64 [B].

        Without a checkpoint the noise file of the data module is all the noise there is.
        """
        if self.deltas.empty:
            return published(batch)
        return published(batch, quantize(self.deltas.rows(batch), self.epsilon))

    # --- checkpoints ----------------------------------------------------------------------------
    def load_state_dict(self, state_dict: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        """As in torch; also takes in where spawned processes wrote the noise."""
        weights, noise_file = received_path(state_dict)
        self.noise_file = noise_file or self.noise_file
        return super().load_state_dict(weights, *args, **kwargs)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """As in `ImageModule`; also the noise."""
        super().on_save_checkpoint(checkpoint)
        checkpoint["noise"] = self.deltas.state_dict()
        if self.epoch_open:
            checkpoint["open_epoch"]["in_sweep"] = self.sweeping

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """As in `ImageModule`; also takes over the noise."""
        if "noise" not in checkpoint:
            raise UnlearnableError(
                "the checkpoint holds no noise, so no generator made it. Give the checkpoints/"
                "last.ckpt of a run that makes noise."
            )
        self.deltas.load_state_dict(checkpoint["noise"])
        super().on_load_checkpoint(checkpoint)
