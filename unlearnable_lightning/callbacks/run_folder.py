"""Where a run leaves its files."""

from pathlib import Path
from typing import Any


def run_folder(trainer: Any) -> Path | None:
    """The logger's folder of this run, or the Trainer's root; None in a `fast_dev_run`, which
    writes nothing. To be called on every rank.

    A checkpoint that is only read (test, predict) says whose results they are: they go beside it,
    into the folder of the run that made it.
    """
    folder = Path(trainer.log_dir or trainer.default_root_dir)
    if trainer.fast_dev_run:
        return None
    if trainer.ckpt_path is not None and not trainer.training:
        made_in = Path(trainer.ckpt_path).parent
        return made_in.parent if made_in.name == "checkpoints" else made_in
    return folder
