"""The weights that a monitor chose, and what it looked at."""

import re
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import ModelCheckpoint

from unlearnable_lightning.report.test_result import Choice
from unlearnable_lightning.run.checkpoint_io import SafeCheckpointIO
from unlearnable_lightning.run.checkpoints import BestCheckpoint


def is_best(path: Path) -> bool:
    """Whether a file is `best.ckpt` or the like: `best_knee.ckpt`, `best_epoch_1.ckpt`."""
    return re.fullmatch(r"best(_[a-z]+(_\d)?)?\.ckpt", path.name) is not None


def find_best(trainer: L.Trainer) -> dict[str, tuple[Path, Choice]]:
    """The best weights that belong to what `test` loaded, by their names in the table: `best.ckpt`
    and the like beside its checkpoint, or of the `fit` that this Trainer ran before. `best` comes
    first; there may be none."""
    if trainer.ckpt_path:
        files = sorted(filter(is_best, Path(trainer.ckpt_path).parent.glob("best*.ckpt")))
        return {path.stem: (path, chosen_by(path)) for path in files}
    found: dict[str, tuple[Path, Choice]] = {}
    for checkpoint in trainer.checkpoint_callbacks:
        if not isinstance(checkpoint, ModelCheckpoint) or not checkpoint.monitor:
            continue
        path = Path(checkpoint.best_model_path)
        name = path.stem if isinstance(checkpoint, BestCheckpoint) else "best"
        if checkpoint.best_model_path and name not in found:
            found[name] = path, Choice(checkpoint.monitor, checkpoint.mode)
    return dict(sorted(found.items()))


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
