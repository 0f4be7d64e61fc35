"""The victim: its training, with or without a defence, and the table that says who won."""

import re
from typing import Any, ClassVar

from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from unlearnable_lightning import run
from unlearnable_lightning.by_name import Spec
from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.defences import Victim
from unlearnable_lightning.defences.base import soft
from unlearnable_lightning.report.poisoning import Poisoning
from unlearnable_lightning.report.test_result import Choice
from unlearnable_lightning.rows import whole
from unlearnable_lightning.training import Batch, ImageModule, Scores
from unlearnable_lightning.training.schedule import with_schedule
from unlearnable_lightning.training.weights_file import load_pretrained
from unlearnable_lightning.victim.arguments import amounts, check_classifier
from unlearnable_lightning.victim.attack_table import write_table
from unlearnable_lightning.victim.defence_list import build_defences
from unlearnable_lightning.victim.predictions_writer import PredictionsWriter
from unlearnable_lightning.victim.selection import (
    BestBy,
    best_checkpoints,
    chosen_in_training,
    words_of,
)
from unlearnable_lightning.victim.tried_attacks import build_tried
from unlearnable_lightning.victim.under_test import FrozenVictim, UnderTest, put_under_test
from unlearnable_lightning.victim.validation import ValidationScores


class ClassifierModule(ImageModule):
    """Trains a classifier, with defences if any are given, and tests it under attack.

    `test` reports loss, accuracy and error on clean images and under FGSM and PGD (the thesis's
    Tables 3.1 and 3.2), for the last weights and for the best on validation images, and writes
    `test.csv` and `test.json` into the run folder.

    Args:
        attack: adversarial training, the last of the defences: `fgsm`, `pgd` or an import path (see
            `attacks.by_name`); null for none.
        epsilon: radius of the attacks' L∞ ball in pixels of [0, 1]; `8/255` may be written.
        step_size: of PGD, likewise, or a share such as `epsilon/4`; null takes `epsilon/10`.
        steps: of PGD in training.
        test_steps: of PGD in `test`; null takes `steps`.
        restarts: of PGD in `test`.
        test_attacks: what `test` tries beside clean images, named as `attack` is or by {class_path,
            init_args}, which go before the settings above.
        natural_weight: alpha of the thesis's Eq. 2.10: share of the loss on clean images. In
            [0, 1].
        warmup: share of all steps in which the learning rate climbs linearly.
        cosine: whether the learning rate then falls to 0 along a cosine; else it stays.
        label_smoothing: share of a target that all classes divide. In [0, 1).
        defences: what is done against noise beside `data.augment`, in this order: names of
            `unlearnable_lightning.defences`, import paths or {class_path, init_args}. One at most
            may have a loss of its own.
        best_by: what makes an epoch `best.ckpt`: the highest accuracy on `clean` validation images,
            an oracle, or on `poisoned` ones (`data.poisoned_val_size`), which an attacker could
            have; the `knee`, the first training accuracy of 90 % (else the highest); or a number
            fixed before, `epoch_1` to `epoch_5`. `test` shows all of a list; its second is
            `best_knee.ckpt`, say.
        weights: a checkpoint of this library that the training starts from, opened without running
            code; its last layer is drawn anew where the number of classes differs. `test` does not
            read it, nor a run that goes on.
        kwargs: as in `ImageModule`: the model and its optimizer.
    """

    named: ClassVar[dict[str, str | None]] = {
        **ImageModule.named,
        "attack": "unlearnable_lightning.attacks",
        "test_attacks": "unlearnable_lightning.attacks",
        "defences": "unlearnable_lightning.defences",
        "weights": None,
    }

    def __init__(
        self,
        attack: Spec | None = None,
        epsilon: float | str = "8/255",
        step_size: float | str | None = None,
        steps: int = 20,
        test_steps: int | None = None,
        restarts: int = 1,
        test_attacks: list[Spec] | tuple[Spec, ...] = ("fgsm", "pgd"),
        natural_weight: float = 0.0,
        warmup: float = 0.0,
        cosine: bool = True,
        label_smoothing: float = 0.0,
        defences: list[Spec] | None = None,
        best_by: BestBy = "clean",
        weights: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_classifier(steps, test_steps, restarts, natural_weight, warmup, label_smoothing)
        self.weights = weights
        self.epsilon, self.step_size = amounts(epsilon, step_size)
        self.attack, self.steps, self.test_steps = attack, steps, test_steps or steps
        self.warmup, self.cosine, self.best_by = warmup, cosine, words_of(best_by)
        self.label_smoothing = label_smoothing
        ball: dict[str, Any] = {"epsilon": self.epsilon, "step_size": self.step_size}
        self.defences = build_defences(
            defences, attack, **ball, steps=steps, natural_weight=natural_weight
        )
        self.tried = build_tried(test_attacks, **ball, steps=self.test_steps, restarts=restarts)
        self.test_attacks = tuple(self.tried)
        self.train_scores, self.val_scores = Scores(), ValidationScores()
        self.frozen_victim: FrozenVictim | None = None  # in `fit`
        self.under_test: list[UnderTest] = []
        self.table: list[dict[str, Any]] = []
        self.choices: dict[str, Choice] = {}  # what chose the weights under test, by their name

    def configure_callbacks(self) -> list[Callback]:
        """Brings checkpoints, the writer of `predict` and the lock of the folder."""
        super().configure_callbacks()
        best = best_checkpoints(self.trainer, self.best_by)
        checkpoints = run.replace_default_checkpoints(self.trainer, [*best, run.LastCheckpoint()])
        brought = [*checkpoints, run.StartCheckpoint(), PredictionsWriter(), run.RunLock()]
        return run.missing_callbacks(self.trainer, brought)

    def configure_optimizers(self) -> Any:
        """SGD and its schedule."""
        optimizer = super().configure_optimizers()
        return with_schedule(optimizer, self.trainer, self.warmup, self.cosine)

    def setup(self, stage: str) -> None:
        """As in `ImageModule`; defences change the training images."""
        super().setup(stage)
        self.frozen_victim = None  # of an earlier Trainer, on another device perhaps
        if stage == "fit" and self.weights is not None and not self.trainer.ckpt_path:
            load_pretrained(self.model, self.weights, "weights")
        if stage == "fit" and self.defences.changes_dataset:
            data = ImageDataModule.of(self.trainer)
            rows = self.defences.leak(whole(data.train_set.clean), data.train_set.labels)
            data.defend(self.defences.on_dataset, rows)

    def forget_epoch(self) -> None:
        """As in `ImageModule`; also the scores of the training."""
        super().forget_epoch()
        self.train_scores.reset()

    # --- training -------------------------------------------------------------------------------
    def as_victim(self) -> Victim:
        """The network as the loss of a defence sees it."""
        if self.frozen_victim is None:
            self.frozen_victim = FrozenVictim(self.model, self.image_shape, self.attack_dtype)
        return Victim(self, self.frozen_victim, self.current_epoch)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Cross-entropy, or what the defences make of it."""
        images, targets = batch["image"], batch["label"]
        if self.defences or self.label_smoothing > 0:
            targets = soft(targets, self.hparams["num_classes"], self.label_smoothing)
            images, targets = self.defences.on_batch(images, targets)
            loss, logits = self.defences.loss(self.as_victim(), images, targets)
        else:
            logits = self(images)
            loss = cross_entropy(logits, targets)
        self.train_scores.update(logits.detach(), targets)
        return loss

    def on_train_epoch_end(self) -> None:
        """Logs the scores of the training, and what defences have to say."""
        if self.train_scores.count > 0:  # a run resumed after the last batch has none
            scores = self.train_scores.pop("train_")
            self.check_finite(scores["train_loss"], "the training loss")
            self.log_dict(scores, prog_bar=True, sync_dist=True)
            accuracy, epoch = scores["train_accuracy"], self.current_epoch
            self.log_dict(chosen_in_training(self.best_by, accuracy, epoch), sync_dist=True)
            self.log_dict(self.defences.on_epoch_end(self.as_victim()), sync_dist=True)
        super().on_train_epoch_end()

    # --- validation -----------------------------------------------------------------------------
    def on_validation_epoch_start(self) -> None:
        """Drops what a validation that broke off left."""
        self.val_scores.reset()

    def validation_step(self, batch: Batch, batch_idx: int, dataloader_idx: int = 0) -> None:
        """Scores the loader's images."""
        logits = self(batch["image"])
        self.val_scores.update(self.trainer, dataloader_idx, logits, batch["label"])

    def on_validation_epoch_end(self) -> None:
        """Logs the scores of each set of validation images."""
        self.log_dict(self.val_scores.pop(self.trainer), prog_bar=True, sync_dist=True)

    # --- test -----------------------------------------------------------------------------------
    def perturb(self, model: nn.Module, images: Tensor, labels: Tensor, attack: str) -> Tensor:
        """Adversarial examples [B, C, H, W] in [0, 1] against `model`, by an attack of
        `test_attacks`; `none` gives the images."""
        found = self.tried[attack]
        return images if found is None else images + found(model, images, labels)

    def on_test_start(self) -> None:
        """Finds the weights to test and freezes a copy of each."""
        self.under_test, self.choices = put_under_test(self, self.test_attacks)

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        """Scores all weights under all attacks."""
        images, labels = batch["image"], batch["label"]
        for each in self.under_test:
            for attack, scores in each.scores.items():
                scores.update(each.model(self.perturb(each.frozen, images, labels, attack)), labels)

    def on_test_epoch_end(self) -> None:
        """Prints, logs and writes the table."""
        self.table = [row for each in self.under_test for row in each.rows()]
        for row in self.table:
            name = re.sub("[ =]", "_", f"test_{row['weights']}_{row['attack']}")
            scores = {f"{name}_{key}": row[key] for key in ("loss", "accuracy", "error")}
            self.log_dict(scores, sync_dist=True)
        folder, poisoning = run.run_folder(self.trainer), Poisoning.of(self.train_images)
        arguments = run.plain_hparams(self)
        write_table(self.trainer, folder, self.table, arguments, self.choices, poisoning, self.seed)

    def predict_step(self, batch: Batch, batch_idx: int) -> Batch:
        """`index`, `label`, `prediction` int64 [B] and `probability` [B] of the prediction."""
        best = self(batch["image"]).float().softmax(1).max(1)
        found = {"prediction": best.indices, "probability": best.values}
        return {"index": batch["index"], "label": batch["label"], **found}
