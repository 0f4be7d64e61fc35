"""The weights that a monitor chose, and what it looked at."""

import re
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import ModelCheckpoint

from unlearnable_lightning.report.test_result import Choice
from unlearnable_lightning.run.checkpoint_io import SafeCheckpointIO


def find_best(trainer: L.Trainer) -> tuple[Path, Choice] | None:
    """The best weights that belong to what `test` loaded: `best.ckpt` beside its checkpoint, or of
    the `fit` that this Trainer ran before; None if there are none."""
    if trainer.ckpt_path:
        beside = Path(trainer.ckpt_path).with_name("best.ckpt")
        return (beside, chosen_by(beside)) if beside.exists() else None
    for checkpoint in trainer.checkpoint_callbacks:
        if not isinstance(checkpoint, ModelCheckpoint) or not checkpoint.monitor:
            continue
        if checkpoint.best_model_path:
            choice = Choice(checkpoint.monitor, checkpoint.mode)
            return Path(checkpoint.best_model_path), choice
    return None


def chosen_by(path: Path) -> Choice:
    """The monitor that chose a checkpoint, as the checkpoint itself says; else the usual one.

    A `ModelCheckpoint` keeps its state under a name such as
    `BestCheckpoint{'monitor': 'val_accuracy', 'mode': 'max', …}`, and in it the best file.
    """
    callbacks: dict[str, Any] = SafeCheckpointIO().load_checkpoint(path).get("callbacks", {})
    for name, state in callbacks.items():
        best = state.get("best_model_path") if isinstance(state, dict) else None
        mode = re.search("'mode': '(max|min)'", str(name))
        if best and mode and state.get("monitor") and Path(best).name == path.name:
            return Choice(str(state["monitor"]), mode[1])
    return Choice()
