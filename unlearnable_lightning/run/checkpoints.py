"""The checkpoints of a run: the last, to resume from, and the best on validation."""

from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Callback, ModelCheckpoint
from lightning.pytorch.utilities import rank_zero_only

from unlearnable_lightning.files import replacing
from unlearnable_lightning.run.folder import refuse_earlier_run, run_folder


class LastCheckpoint(ModelCheckpoint):
    """`last.ckpt`, written anew after each epoch, also after one without an optimizer step."""

    def __init__(self) -> None:
        super().__init__(
            filename="last", save_on_train_epoch_end=True, enable_version_counter=False
        )

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Saves, whether or not an optimizer stepped."""
        # Lightning 2.6 takes a count of steps that it has saved before for the same weights; noise
        # changes without a step
        self._last_global_step_saved = -1
        super().on_train_epoch_end(trainer, pl_module)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """There is one file of a known name: nothing to remember of the run before."""


class BestCheckpoint(ModelCheckpoint):
    """`best.ckpt` or the like, the epoch with the highest accuracy so far.

    By clean images it is an oracle: an attacker who holds only poisoned data could not choose this
    epoch. A run resumed into another folder takes its best weights along, from beside the
    checkpoint that it was given: a checkpoint names no other file to be read.

    Args:
        monitor: the logged accuracy, `val_accuracy` or `poisoned_val_accuracy`.
        filename: `best`, or another without its suffix.
        after_training: whether the accuracy is one of the training, not of a validation.
    """

    def __init__(
        self,
        monitor: str = "val_accuracy",
        filename: str = "best",
        after_training: bool = False,
    ) -> None:
        super().__init__(
            filename=filename,
            monitor=monitor,
            mode="max",
            save_on_train_epoch_end=after_training,  # else after a validation, if there is one
            enable_version_counter=False,
        )
        self.resumed_from: Path | None = None

    def on_load_checkpoint(
        self, trainer: L.Trainer, pl_module: L.LightningModule, checkpoint: dict[str, Any]
    ) -> None:
        """Notes beside which checkpoint the best weights of its run lie."""
        self.resumed_from = Path(str(trainer.ckpt_path)) if trainer.training else None

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over the best weights of the run that goes on."""
        if self.resumed_from is None:
            return  # a test finds the best weights beside the checkpoint that it was given
        old = self.resumed_from.with_name(Path(state_dict["best_model_path"]).name or "none")
        if not self.dirpath or not old.exists():
            return  # Lightning 2.6 would take over the path that the checkpoint names
        new = Path(self.dirpath) / old.name
        if old.resolve() != new.resolve():
            _copy(old, new)
        here = {
            "dirpath": self.dirpath,
            "best_model_path": str(new),
            "kth_best_model_path": str(new),
            # Lightning 2.6 deletes the file that this names when there is a better one
            "best_k_models": {str(new): state_dict["best_model_score"]},
            "last_model_path": "",
        }
        super().load_state_dict(state_dict | here)


@rank_zero_only
def _copy(old: Path, new: Path) -> None:
    with replacing(new) as file:
        file.write(old.read_bytes())


class StartCheckpoint(Callback):
    """Writes `last.ckpt` before the first epoch, so that a run killed in it can be resumed too.

    Raises:
        UnlearnableError: there is a `last.ckpt` of another run.
    """

    def __init__(self) -> None:
        self.path: Path | None = None

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Refuses a `last.ckpt` of another run."""
        self.path = None
        if trainer.ckpt_path is None and run_folder(trainer) is not None:
            self.path = last_checkpoint(trainer)
        if self.path is not None:
            refuse_earlier_run(trainer, self.path, resume_from=self.path)

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Writes it."""
        if self.path is not None:
            trainer.save_checkpoint(self.path, weights_only=False)


def last_checkpoint(trainer: L.Trainer) -> Path | None:
    """Where this run keeps its `last.ckpt`; None if the user chose other checkpoints."""
    for checkpoint in trainer.checkpoint_callbacks:
        if isinstance(checkpoint, LastCheckpoint):
            return Path(checkpoint.dirpath or ".") / "last.ckpt"
    return None
