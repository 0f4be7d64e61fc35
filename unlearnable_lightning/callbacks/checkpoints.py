"""The checkpoints of a run: the last, to resume from, and the best on validation."""

from pathlib import Path

import lightning as L
from lightning.pytorch.callbacks import Callback, ModelCheckpoint

from unlearnable_lightning.callbacks.run_folder import run_folder


def last_checkpoint() -> ModelCheckpoint:
    """`last.ckpt`, written anew after each epoch."""
    return ModelCheckpoint(
        filename="last", save_on_train_epoch_end=True, enable_version_counter=False
    )


def best_checkpoint() -> ModelCheckpoint:
    """`best.ckpt`, the highest accuracy on the clean validation images so far.

    An oracle: an attacker who holds only poisoned data could not choose this epoch.
    """
    return ModelCheckpoint(
        filename="best",
        monitor="val_accuracy",
        mode="max",
        save_on_train_epoch_end=False,  # after validation, and never if there is none
        enable_version_counter=False,
    )


class StartCheckpoint(Callback):
    """Writes `last.ckpt` before the first epoch, so that a run killed in it can be resumed too."""

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        if trainer.global_step > 0 or run_folder(trainer) is None:
            return
        for checkpoint in trainer.checkpoint_callbacks:
            if isinstance(checkpoint, ModelCheckpoint) and checkpoint.filename == "last":
                trainer.save_checkpoint(Path(checkpoint.dirpath or ".") / "last.ckpt")
