"""Where a run leaves its files."""

from pathlib import Path

import lightning as L


def run_folder(trainer: L.Trainer) -> Path:
    """The logger's folder of this run, or the Trainer's root; to be called on every rank.

    A checkpoint that is only read (test, predict) says whose results they are: they go beside it,
    into the folder of the run that made it.
    """
    folder = Path(trainer.log_dir or trainer.default_root_dir)
    if trainer.ckpt_path is not None and not trainer.training:
        made_in = Path(trainer.ckpt_path).parent
        return made_in.parent if made_in.name == "checkpoints" else made_in
    return folder
