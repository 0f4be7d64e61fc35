"""Algorithm 1: error-minimizing noise."""

from typing import Any, Literal

import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping
from torch import Tensor
from torch.nn.functional import cross_entropy

from unlearnable_lightning.callbacks.checkpoints import StartCheckpoint, last_checkpoint
from unlearnable_lightning.callbacks.noise_writer import NoiseWriter
from unlearnable_lightning.callbacks.poisoned_writer import PoisonedWriter
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.modules.base import Batch, ImageModule
from unlearnable_lightning.modules.sweep import Sweep
from unlearnable_lightning.modules.versions import versions
from unlearnable_lightning.noise import Noise, add_noise, as_pixels, quantize


class NoiseGenLightningModule(ImageModule):
    """Makes error-minimizing noise: Huang et al., "Unlearnable Examples"; thesis, Algorithm 1.

    One epoch is one round: M model steps on perturbed images, then a sweep of T error-minimizing
    steps over every image with the surrogate frozen, then the error of the surrogate on all
    perturbed images. Stops when that error is at most `stop_error`, or at the Trainer's
    `max_epochs`. After every round `noise.safetensors` and `noise.png` in the run folder and
    `last.ckpt` beside them are written anew; an interrupted run also keeps what its round had.

    Args:
        kind: `samplewise`, one delta per image, or `classwise`, one per class.
        epsilon: bound of the noise in pixels of [0, 1], at most 127/255; `8/255` may be written.
        step_size: alpha, of one error-minimizing step; null takes epsilon / 10.
        steps: T, error-minimizing steps per image and round.
        model_steps: M, batches that the surrogate trains on per round; more than the images serve
            start over.
        init: the first noise, `uniform` in [-epsilon, epsilon] or `zeros`.
        class_rule: how class-wise noise takes in a batch: the `mean` of its images' deltas, or
            `sequential`, one image after the other (the thesis).
        stop_error: lambda, in [0, 1]; null never stops before `max_epochs`.
        sweep_batch_size: images per device at a time in the sweep; null takes the data's batch
            size. Sample-wise noise does not depend on it; larger is faster on a GPU.
        kwargs: as in `ImageModule`: the surrogate and its optimizer.
    """

    def __init__(
        self,
        kind: Literal["samplewise", "classwise"] = "samplewise",
        epsilon: float | str = "8/255",
        step_size: float | str | None = None,
        steps: int = 20,
        model_steps: int = 20,
        init: Literal["uniform", "zeros"] = "uniform",
        class_rule: Literal["mean", "sequential"] = "mean",
        stop_error: float | None = 0.01,
        sweep_batch_size: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.save_hyperparameters()
        self.epsilon = as_pixels(epsilon, most=127 / 255)  # noise files hold int8
        self.step_size = (
            self.epsilon / 10 if step_size is None else as_pixels(step_size, "step_size")
        )
        for name, value in (("steps", steps), ("model_steps", model_steps)):
            if value < 1:
                raise UnlearnableError(f"{name}={value}: a round needs at least 1.")
        self.kind, self.steps, self.init, self.class_rule = kind, steps, init, class_rule
        self.batches_per_epoch = model_steps  # read by the data module
        self.stop_error, self.sweep_batch_size = stop_error, sweep_batch_size
        # float16 [N or K, C, H, W]: exact to 0.004 grey levels, half the memory and checkpoint.
        # No buffer: DistributedDataParallel would send it around at every model step
        self.delta: Tensor | None = None
        self.source_sha256: str | None = None  # fingerprint of the images that it belongs to
        self.rounds = 0
        self.error: float | None = None
        self.finished = False

    def configure_callbacks(self) -> list[Callback]:
        callbacks = self.replace_default_checkpoints([last_checkpoint()])
        if self.stop_error is not None:
            callbacks.append(
                EarlyStopping(
                    "error",
                    stopping_threshold=self.stop_error,
                    patience=10**9,
                    check_on_train_epoch_end=True,
                )
            )
        return [*callbacks, StartCheckpoint(), NoiseWriter(), PoisonedWriter()]

    def on_fit_start(self) -> None:
        super().on_fit_start()
        dataset = self.trainer.datamodule.train_set
        if dataset.noise is not None:
            raise UnlearnableError(
                f"data.noise={self.trainer.datamodule.noise}: noise is made for clean images. "
                "Leave data.noise out."
            )
        n, *image = dataset.source.shape
        shape = (len(dataset.source.class_names) if self.kind == "classwise" else n, *image)
        if self.delta is None:
            self.delta = self._first_noise(shape)
        self._check_source()
        self.delta = self.delta.to(self.device)

    def on_predict_start(self) -> None:
        if self.delta is not None:
            self._check_source()

    def _check_source(self) -> None:
        """Refuses other images than those that the noise belongs to."""
        here = self.trainer.datamodule.train_set.source
        self.source_sha256 = self.source_sha256 or here.sha256
        if here.sha256 != self.source_sha256:
            raise UnlearnableError(
                f"the checkpoint holds noise for other images than {here.name}/{here.split} as "
                "given. Give the data arguments of the run that made it (train_subset, seed, …)."
            )

    def _first_noise(self, shape: tuple[int, ...]) -> Tensor:
        if self.init == "zeros":
            return torch.zeros(shape, dtype=torch.float16)
        generator = torch.Generator().manual_seed(self.epoch_seed())
        unit = torch.rand(shape, generator=generator)
        return ((2 * unit - 1) * self.epsilon).half()

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """A model step on perturbed images; the loss is their mean cross-entropy."""
        assert self.delta is not None
        rows = batch["label"] if self.kind == "classwise" else batch["index"]
        perturbed = (batch["image"] + self.delta[rows].float()).clamp_(0, 1)
        loss = cross_entropy(self(perturbed), batch["label"])
        self.check_finite(loss, f"the loss of model step {batch_idx}")
        self.log(
            "train_loss", loss, on_step=False, on_epoch=True, batch_size=len(rows), sync_dist=True
        )
        return loss

    def on_train_epoch_end(self) -> None:
        assert self.delta is not None
        sweep = Sweep(
            self,
            self.delta,
            classwise=self.kind == "classwise",
            epsilon=self.epsilon,
            step_size=self.step_size,
            steps=self.steps,
            batch_size=self.sweep_batch_size or self.trainer.train_dataloader.batch_size,
            class_rule=self.class_rule,
        )
        sweep.run()
        self.error, loss = sweep.error()
        self.rounds += 1
        self.log("error", self.error, prog_bar=True, sync_dist=True)
        self.log("noise_loss", loss, sync_dist=True)

    def noise(self) -> Noise:
        """The noise as it stands, with its origin; during or after `fit`."""
        assert self.delta is not None
        assert self.seed is not None
        return Noise(
            values=quantize(self.delta.cpu(), self.epsilon),
            kind=self.kind,
            epsilon=self.epsilon,
            source=self.trainer.datamodule.train_set.source,
            generator=f"{type(self).__module__}.{type(self).__qualname__}",
            generator_args=self.plain_hparams(),
            seed=self.seed,
            rounds=self.rounds,
            error=self.error,
            finished=self.finished,
            versions=versions(),
        )

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """The surrogate on clean images."""
        self.scores.update(self(batch["image"]), batch["label"])

    def on_validation_epoch_end(self) -> None:
        self.log_dict(self.scores.compute("val_"))

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        """The surrogate on clean images."""
        self.scores.update(self(batch["image"]), batch["label"])

    def on_test_epoch_end(self) -> None:
        self.log_dict(self.scores.compute("test_"))

    def predict_step(self, batch: Batch, batch_idx: int) -> Batch:
        """Poisoned images: `image` uint8 [B, C, H, W], `label` and `index` int64 [B].

        Without a checkpoint the noise file of the data module is all the noise there is.
        """
        images = (batch["image"] * 255).round().to(torch.uint8)
        if self.delta is not None:
            rows = batch["label"] if self.kind == "classwise" else batch["index"]
            grey_levels = quantize(self.delta[rows.cpu()], self.epsilon)
            images = add_noise(images, grey_levels.to(images.device))
        return batch | {"image": images}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        super().on_save_checkpoint(checkpoint)
        checkpoint["noise"] = {
            "delta": None if self.delta is None else self.delta.cpu(),
            "rounds": self.rounds,
            "error": self.error,
            "source_sha256": self.source_sha256,
        }

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        super().on_load_checkpoint(checkpoint)
        state = checkpoint["noise"]
        self.delta, self.rounds, self.error = state["delta"], state["rounds"], state["error"]
        self.source_sha256 = state["source_sha256"]
