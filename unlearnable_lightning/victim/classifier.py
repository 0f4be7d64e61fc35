"""The victim: clean or adversarial training, and the table that says who won."""

from pathlib import Path
from typing import Any, Literal

import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from unlearnable_lightning.attacks.fgsm import fgsm_step
from unlearnable_lightning.attacks.frozen_model import FrozenModel
from unlearnable_lightning.attacks.outline import duplicate
from unlearnable_lightning.attacks.pgd import pgd_steps
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import as_pixels
from unlearnable_lightning.report.test_result import Choice
from unlearnable_lightning.run.best_weights import chosen_by, find_best
from unlearnable_lightning.run.checkpoint_io import weights_of
from unlearnable_lightning.run.checkpoints import (
    BestCheckpoint,
    LastCheckpoint,
    StartCheckpoint,
)
from unlearnable_lightning.run.folder import run_folder
from unlearnable_lightning.run.lock import RunLock
from unlearnable_lightning.run.past_run import PastRun
from unlearnable_lightning.training.module import Batch, ImageModule
from unlearnable_lightning.training.schedule import warmup_cosine
from unlearnable_lightning.training.scores import Scores
from unlearnable_lightning.victim.attack_table import write_table
from unlearnable_lightning.victim.predictions_writer import PredictionsWriter


class ClassifierModule(ImageModule):
    """Trains a classifier on clean or adversarial examples and tests it under attack.

    `test` reports loss, accuracy and error on clean images and under FGSM and PGD (the thesis's
    Tables 3.1 and 3.2), for the last weights and for the best on clean validation images, and
    writes `test.csv` and `test.json` into the run folder.

    Args:
        attack: null for clean training; `fgsm` or `pgd` for adversarial training.
        epsilon: radius of the attacks' L∞ ball in pixels of [0, 1]; `8/255` may be written.
        step_size: of PGD; null takes epsilon / 10.
        steps: of PGD in training.
        test_steps: of PGD in `test`; null takes `steps`.
        restarts: of PGD in `test`.
        test_attacks: those of `fgsm` and `pgd` that `test` tries beside clean images.
        natural_weight: alpha of the thesis's Eq. 2.10: the loss is alpha times the loss on clean
            images plus 1 - alpha times the loss on adversarial ones. In [0, 1].
        warmup: share of all steps in which the learning rate climbs linearly.
        cosine: whether the learning rate then falls to 0 along a cosine; else it stays.
        kwargs: as in `ImageModule`: the model and its optimizer.
    """

    def __init__(
        self,
        attack: Literal["fgsm", "pgd"] | None = None,
        epsilon: float | str = "8/255",
        step_size: float | str | None = None,
        steps: int = 20,
        test_steps: int | None = None,
        restarts: int = 1,
        test_attacks: tuple[Literal["fgsm", "pgd"], ...] = ("fgsm", "pgd"),
        natural_weight: float = 0.0,
        warmup: float = 0.0,
        cosine: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if attack not in (None, "fgsm", "pgd"):
            raise UnlearnableError(f"attack={attack!r}: give fgsm, pgd or null (clean training).")
        for each in test_attacks:
            if each not in ("fgsm", "pgd"):
                raise UnlearnableError(f"test_attacks has {each!r}: give fgsm, pgd, both or [].")
        for name, share in (("natural_weight", natural_weight), ("warmup", warmup)):
            if not 0 <= share <= 1:
                raise UnlearnableError(f"{name}={share}: it is a share and must lie in [0, 1].")
        counts = {"steps": steps, "test_steps": test_steps, "restarts": restarts}
        for name, count in counts.items():
            if count is not None and count < 1:
                raise UnlearnableError(f"{name}={count}: an attack needs at least 1.")
        self.attack = attack
        self.epsilon = as_pixels(epsilon)
        self.step_size = (
            self.epsilon / 10 if step_size is None else as_pixels(step_size, "step_size")
        )
        self.steps, self.test_steps, self.restarts = steps, test_steps or steps, restarts
        self.test_attacks = ("none", *test_attacks)
        self.natural_weight, self.warmup, self.cosine = natural_weight, warmup, cosine
        self.train_scores = Scores()
        # dicts, so that these models are no part of the module and its checkpoints
        self.rivals: dict[str, nn.Module] = {}  # the weights under test, by name
        self.attacked: dict[str, FrozenModel] = {}  # them, or the model in `fit`, to be attacked
        self.table: list[dict[str, Any]] = []
        self.best_by: Choice | None = None  # what chose the best weights under test

    def configure_callbacks(self) -> list[Callback]:
        super().configure_callbacks()
        checkpoints = self.replace_default_checkpoints([BestCheckpoint(), LastCheckpoint()])
        return self.missing([*checkpoints, StartCheckpoint(), PredictionsWriter(), RunLock()])

    def configure_optimizers(self) -> Any:
        optimizer = super().configure_optimizers()
        if not (self.cosine or self.warmup):
            return optimizer
        batches = self.trainer.estimated_stepping_batches
        if batches == float("inf"):
            raise UnlearnableError(
                "max_epochs=-1: a schedule needs to know the end. Give --trainer.max_epochs, or "
                "--model.cosine false and --model.warmup 0."
            )
        schedule = warmup_cosine(optimizer, int(batches), self.warmup, self.cosine)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def perturb(self, model: FrozenModel, images: Tensor, labels: Tensor, attack: str) -> Tensor:
        """Adversarial examples [B, C, H, W] in [0, 1] against `model`; `none` gives the images."""
        if attack == "none":
            return images
        if attack == "fgsm":
            return images + fgsm_step(model, images, labels, epsilon=self.epsilon)
        return images + pgd_steps(
            model,
            images,
            labels,
            epsilon=self.epsilon,
            step_size=self.step_size,
            steps=self.steps if self.trainer.training else self.test_steps,
            restarts=1 if self.trainer.training else self.restarts,
        )

    def on_fit_start(self) -> None:
        super().on_fit_start()
        self.attacked.clear()  # of an earlier Trainer, on another device perhaps

    def forget_epoch(self) -> None:
        super().forget_epoch()
        self.train_scores.reset()

    def frozen(self) -> FrozenModel:
        """The model as it is now, to be attacked in training."""
        if "fit" in self.attacked:
            self.attacked["fit"].refresh()
        else:
            self.attacked["fit"] = FrozenModel(self.model, self.image_shape, self.attack_dtype)
        return self.attacked["fit"]

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Cross-entropy on clean images, or Eq. 2.10 of the thesis."""
        images, labels = batch["image"], batch["label"]
        if self.attack is None:
            logits = self(images)
            loss = cross_entropy(logits, labels)
        else:
            logits = self(self.perturb(self.frozen(), images, labels, self.attack))
            loss = cross_entropy(logits, labels)
            if self.natural_weight > 0:
                natural = cross_entropy(self(images), labels)
                loss = self.natural_weight * natural + (1 - self.natural_weight) * loss
        self.train_scores.update(logits.detach(), labels)
        return loss

    def on_train_epoch_end(self) -> None:
        if self.train_scores.count > 0:  # a run resumed after the last batch has none
            scores = self.train_scores.pop("train_")
            self.check_finite(scores["train_loss"], "the training loss")
            self.log_dict(scores, prog_bar=True, sync_dist=True)
        super().on_train_epoch_end()

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        self.scores.update(self(batch["image"]), batch["label"])

    def on_validation_epoch_end(self) -> None:
        self.log_dict(self.scores.pop("val_"), prog_bar=True, sync_dist=True)

    def on_test_start(self) -> None:
        with torch.inference_mode(False):  # attacks differentiate through these weights
            self.rivals = self._weights_under_test()
            self.attacked = {
                name: FrozenModel(model, self.image_shape, self.attack_dtype)
                for name, model in self.rivals.items()
            }
        self.rows = {
            (name, attack): Scores().to(self.device)
            for name in self.rivals
            for attack in self.test_attacks
        }

    def _weights_under_test(self) -> dict[str, nn.Module]:
        """`last` and, if this run or the tested checkpoint's has them, `best`."""
        tested = self.trainer.ckpt_path
        best = find_best(self.trainer)
        self.best_by = None if best is None else best[1]
        if tested and Path(tested).name == "best.ckpt":
            self.best_by = chosen_by(Path(tested))
            return {"best": self.model}
        if not tested and self.trainer.global_step == 0 and best is None:
            return {"initial": self.model}
        rivals = {"last": self.model}
        if best is not None:
            checkpoint = self.trainer.strategy.checkpoint_io.load_checkpoint(best[0])
            PastRun.of(checkpoint, best[0]).check_fixed(self.fixed, self.hparams)
            model = duplicate(self.model)
            model.load_state_dict(weights_of("model", checkpoint))
            rivals["best"] = model.eval()
        return rivals

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        images, labels = batch["image"], batch["label"]
        for (name, attack), scores in self.rows.items():
            perturbed = self.perturb(self.attacked[name], images, labels, attack)
            scores.update(self.rivals[name](perturbed), labels)

    def on_test_epoch_end(self) -> None:
        self.table = []
        for (weights, attack), scores in self.rows.items():
            values = {key: value.item() for key, value in scores.pop().items()}
            self.table.append({"weights": weights, "attack": attack, **values})
            named = {f"test_{weights}_{attack}_{key}": value for key, value in values.items()}
            self.log_dict(named, sync_dist=True)
        write_table(
            self.trainer,
            run_folder(self.trainer),
            self.table,
            self.plain_hparams(),
            self.best_by,
        )

    def predict_step(self, batch: Batch, batch_idx: int) -> Batch:
        """`index`, `label`, `prediction` int64 [B] and `probability` [B] of the prediction."""
        best = self(batch["image"]).float().softmax(1).max(1)
        return {
            "index": batch["index"],
            "label": batch["label"],
            "prediction": best.indices,
            "probability": best.values,
        }
