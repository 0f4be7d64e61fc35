"""Algorithm 1: error-minimizing noise."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from torch.nn.functional import cross_entropy

from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.data.plan import TrainingPlan
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise import class_update
from unlearnable_lightning.noise.amounts import check_reach, check_step_size, noise_epsilon
from unlearnable_lightning.noise.broken_round import refuse_broken_round, refuse_finders
from unlearnable_lightning.noise.deltas import NoiseState
from unlearnable_lightning.noise.poisoned_writer import PoisonedWriter
from unlearnable_lightning.noise.release_writer import NoiseWriter
from unlearnable_lightning.noise.sweep import Sweep
from unlearnable_lightning.pixels import add, as_pixels, quantize
from unlearnable_lightning.release import KINDS, Bound, Release
from unlearnable_lightning.release.record import as_json
from unlearnable_lightning.run.checkpoints import LastCheckpoint, StartCheckpoint
from unlearnable_lightning.run.ending import Ending, can_stop_early
from unlearnable_lightning.run.lock import RunLock
from unlearnable_lightning.run.spawned import received_path
from unlearnable_lightning.run.versions import versions
from unlearnable_lightning.training.module import Batch, ImageModule


class NoiseGenLightningModule(ImageModule):
    """Makes error-minimizing noise: Huang et al., "Unlearnable Examples"; thesis, Algorithm 1.

    One epoch is one round: M model steps on perturbed images, then a sweep of T error-minimizing
    steps over every image with the surrogate frozen, then the error of the surrogate on the release
    as it would be published: plain images (not the augmented views), noise rounded to 8 bits and
    clipped. Stops when that error is at most `stop_error`, or at the Trainer's
    `max_epochs`. After every round `noise.safetensors` and `noise.png` in the run folder and
    `last.ckpt` beside them are written anew; an interrupted run also keeps what its round had.

    Args:
        kind: `samplewise`, one delta per image, or `classwise`, one per class.
        epsilon: bound of the noise in pixels of [0, 1], 1/255 to 127/255; `8/255` may be written.
        step_size: alpha, of one error-minimizing step; null takes epsilon / 10.
        steps: T, error-minimizing steps per image and round.
        model_steps: M, batches that the surrogate trains on per round; more than the images serve
            start over. A batch holds no image twice: of fewer images than `batch_size` it has all.
        init: the first noise, `uniform` in [-epsilon, epsilon] or `zeros`.
        class_rule: how class-wise noise takes in a batch: the `mean` of its images' deltas, or
            `sequential`, one image after the other (the thesis).
        shared_channels: one noise map for all channels of an image, its T steps taken through the
            grayscale of the view: noise that grayscale does not remove (GrayAug; Liu et al., "Going
            Grayscale"). The surrogate trains on the views as the data module makes them.
        stop_error: lambda, in [0, 1]; null never stops before `max_epochs`.
        sweep_batch_size: images per device at a time in the sweep; null takes the data's batch
            size. Sample-wise noise does not depend on it; larger is faster on a GPU.
        kwargs: as in `ImageModule`: the surrogate and its optimizer.
    """

    fixed = (*ImageModule.fixed, "kind", "shared_channels", "init")

    def __init__(
        self,
        kind: Literal["samplewise", "classwise"] = "samplewise",
        epsilon: float | str = "8/255",
        step_size: float | str | None = None,
        steps: int = 20,
        model_steps: int = 20,
        init: Literal["uniform", "zeros"] = "uniform",
        class_rule: Literal["mean", "sequential"] = "mean",
        shared_channels: bool = False,
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
        self.epsilon = noise_epsilon(epsilon)
        self.step_size = (
            self.epsilon / 10 if step_size is None else as_pixels(step_size, "step_size")
        )
        counts = {"steps": steps, "model_steps": model_steps, "sweep_batch_size": sweep_batch_size}
        for name, count in counts.items():
            if count is not None:
                whole_number(name, count, 1, "it must be at least 1")
        check_step_size(self.step_size, steps, self.epsilon)
        _check_choice("kind", kind, KINDS)
        _check_choice("init", init, ("uniform", "zeros"))
        _check_choice("class_rule", class_rule, ("mean", "sequential"))
        if stop_error is not None and not 0 <= stop_error < 1:
            raise UnlearnableError(
                f"stop_error={stop_error}: an error lies in [0, 1); 1 % is 0.01, null never stops."
            )
        self.kind, self.steps, self.init, self.class_rule = kind, steps, init, class_rule
        self.model_steps = model_steps
        self.stop_error, self.sweep_batch_size = stop_error, sweep_batch_size
        self.state = NoiseState(kind == "classwise", self.epsilon, shared_channels)
        self.ended_by: Ending | None = None  # the rule that ended the run; None while it goes on
        self.step_losses: list[Tensor] = []
        self.sweeping = False
        self.noise_file: str | None = None  # what spawned processes wrote

    def training_plan(self) -> TrainingPlan:
        """M batches in an epoch, of all images."""
        return replace(super().training_plan(), batches=self.model_steps, every_image=True)

    def configure_callbacks(self) -> list[Callback]:
        super().configure_callbacks()
        refuse_finders(self.trainer)
        checkpoints = self.replace_default_checkpoints([LastCheckpoint()])
        # noise before checkpoint: a run killed between the two repeats the round
        writers = [NoiseWriter(), *checkpoints, StartCheckpoint(), PoisonedWriter()]
        return self.missing([*writers, RunLock()])  # lets go when all have written

    def on_fit_start(self) -> None:
        self._check_clean()
        as_json(self.plain_hparams(), "the arguments of the model")  # the release will record them
        uniform = self.init == "uniform"
        rounds = self.trainer.max_epochs or -1
        if not uniform and rounds > 0:
            # class-wise noise moves with every batch, of which a sweep has no more than images
            per_round = len(self.train_set) if self.kind == "classwise" else 1
            check_reach(self.step_size, self.steps, rounds * per_round)
        self.state.begin(self.train_set.source, uniform, self.epoch_seed(), self.device)
        if self._explained():
            self.trainer.should_stop = True
        super().on_fit_start()

    @property
    def finished(self) -> bool:
        """Whether the run ended by its own rule: `stop_error`, or a limit of the Trainer's.

        A round is whole even if `max_steps` or `max_time` cut its model steps short: its sweep goes
        over every image all the same. An exception or a signal in a round leaves it unfinished.
        """
        return self.ended_by is not None

    def _explained(self) -> bool:
        error = self.state.error
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
        if self.state.delta is not None:
            self._check_clean()
        elif self.train_set.noise is None:
            raise UnlearnableError(
                "there is no noise to lay on the images: neither data.noise is given nor a "
                "ckpt_path whose run finished a round. Give --data.noise FILE, or resume that run."
            )
        self.state.check_source(self.train_set.source)

    def _check_clean(self) -> None:
        if self.train_set.noise is not None:
            raise UnlearnableError(
                "data.noise is given, but this generator lays noise of its own on clean images. "
                "Leave data.noise out, or the checkpoint."
            )

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """A model step on perturbed images; the loss is their mean cross-entropy."""
        perturbed = (batch["image"] + self.state.rows(batch)).clamp_(0, 1)
        loss = cross_entropy(self(perturbed), batch["label"])
        self.check_finite(loss, f"the loss of model step {batch_idx}")
        # logged after the sweep: rank 0, for its progress bar, would reduce a metric of this step
        # before the collectives of the sweep, the other ranks after them
        self.step_losses.append(loss.detach())
        return loss

    def on_train_epoch_start(self) -> None:
        super().on_train_epoch_start()
        self.ended_by = None

    def forget_epoch(self) -> None:
        super().forget_epoch()
        self.step_losses.clear()
        self.sweeping = False

    def on_train_epoch_end(self) -> None:
        self.sweeping = True
        loader: Any = self.trainer.train_dataloader
        sweep = Sweep(
            self,
            self.state,
            step_size=self.step_size,
            steps=self.steps,
            batch_size=self.sweep_batch_size or loader.batch_size,
            class_rule=getattr(class_update, self.class_rule),
        )
        sweep.run()
        self.state.error, loss = sweep.error()
        self.state.rounds += 1
        if self._explained():
            self.trainer.should_stop = True
        if self.step_losses:  # a run resumed just before the sweep has none
            self.log("train_loss", torch.stack(self.step_losses).mean(), sync_dist=True)
        self.log("error", self.state.error, prog_bar=True, sync_dist=True)
        self.log("noise_loss", loss, sync_dist=True)
        self.sweeping = False
        super().on_train_epoch_end()

    def load_state_dict(self, state_dict: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        """As in torch; also takes in where spawned processes wrote the noise."""
        weights, noise_file = received_path(state_dict)
        self.noise_file = noise_file or self.noise_file
        return super().load_state_dict(weights, *args, **kwargs)

    def noise(self) -> Release:
        """The noise as it stands, with its origin; during or after `fit`. What spawned processes
        made is read from the file that they wrote.

        Raises:
            UnlearnableError: there is none in this process.
        """
        if self.state.delta is None and self.noise_file is not None:
            return Release.load(self.noise_file)
        if self.state.delta is None or self.seed is None:
            raise UnlearnableError(
                "this generator holds no noise: give it to a Trainer's fit first, or read a file "
                "with Release.load."
            )
        levels = quantize(self.state.delta.cpu(), self.epsilon)
        channels = self.train_set.source.shape[1]
        return Release(
            difference=levels if levels.shape[1] == channels else levels.repeat(1, channels, 1, 1),
            kind=self.kind,
            source=self.train_set.source,
            made_by={
                "class_path": f"{type(self).__module__}.{type(self).__qualname__}",
                "arguments": self.plain_hparams(),
                "seed": self.seed,
                "rounds": self.state.rounds,
                "error": self.state.error,
                "finished": self.finished,
            },
            bound=Bound("linf", self.epsilon),
            versions=versions(),
        )

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """The surrogate on clean images."""
        self.scores.update(self(batch["image"]), batch["label"])

    def on_validation_epoch_end(self) -> None:
        self.log_dict(self.scores.pop("val_"), sync_dist=True)

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        """The surrogate on clean images."""
        self.scores.update(self(batch["image"]), batch["label"])

    def on_test_epoch_end(self) -> None:
        self.log_dict(self.scores.pop("test_"), sync_dist=True)

    def predict_step(self, batch: Batch, batch_idx: int) -> Batch:
        """Poisoned images: `image` uint8 [B, C, H, W], `label` and `index` int64 [B].

        Without a checkpoint the noise file of the data module is all the noise there is.
        """
        images = (batch["image"] * 255).round().to(torch.uint8)
        if self.state.delta is not None:
            grey_levels = quantize(self.state.rows(batch), self.epsilon).to(images.device)
            images = add(images, grey_levels.expand_as(images))
        return batch | {"image": images}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        super().on_save_checkpoint(checkpoint)
        checkpoint["noise"] = self.state.state_dict()
        if self.epoch_open:
            checkpoint["open_epoch"]["in_sweep"] = self.sweeping

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        if "noise" not in checkpoint:
            raise UnlearnableError(
                "the checkpoint holds no noise, so no generator made it. Give the checkpoints/"
                "last.ckpt of a run of NoiseGenLightningModule."
            )
        self.state.load_state_dict(checkpoint["noise"])
        super().on_load_checkpoint(checkpoint)


def _check_choice(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UnlearnableError(f"{name}={value!r}: give one of {', '.join(allowed)}.")
