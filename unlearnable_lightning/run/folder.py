"""Where a run leaves its files, and what to say if it may not."""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger

from unlearnable_lightning.errors import UnlearnableError

_DELTAS = "deltas"
_SCHEME = re.compile(r"[A-Za-z][\w+.-]+:/")  # of two letters: C:/ is a drive


def run_folder(trainer: Any) -> Path | None:
    """The logger's folder of this run, or the Trainer's root; None in a `fast_dev_run`, which
    writes nothing. To be called on every rank.

    A checkpoint that is only read (test, predict) says whose results they are: they go beside it,
    into the folder of the run that made it, unless it lies in a bucket.
    """
    if trainer.fast_dev_run:
        return None
    folder = Path(trainer.strategy.broadcast(_own_folder(trainer)))
    if trainer.ckpt_path is None or trainer.training or "://" in str(trainer.ckpt_path):
        return folder
    made_in = Path(trainer.ckpt_path).parent
    return made_in.parent if made_in.name == "checkpoints" else made_in


def _own_folder(trainer: Any) -> str:
    if not trainer.loggers:
        return str(trainer.default_root_dir)
    logger = trainer.loggers[0]
    if isinstance(logger, (TensorBoardLogger, CSVLogger)):
        return str(logger.log_dir)
    # others (W&B, MLflow) have one folder for all runs; the Trainer puts checkpoints here
    version = logger.version if isinstance(logger.version, str) else f"version_{logger.version}"
    return os.path.join(_decides(trainer)[1], str(logger.name), version)


def _decides(trainer: Any) -> tuple[str, str]:
    """The option that says where this run writes, and its value."""
    root = str(trainer.default_root_dir)
    save_dir = trainer.loggers[0].save_dir if trainer.loggers else None
    if save_dir is None or str(save_dir) == root:
        return "--trainer.default_root_dir", root
    return "--trainer.logger.save_dir", str(save_dir)


def another_folder(trainer: Any) -> str:
    """How to choose another folder in this run, as the end of a refusal."""
    option, _ = _decides(trainer)
    version = " or --trainer.logger.version" if option == "--trainer.logger.save_dir" else ""
    return f"choose another folder with {option}{version}"


def deltas_folders(trainer: Any) -> tuple[Path, list[Path]]:
    """Where this run keeps noise in the making that fits no memory, and where the run of its
    checkpoint did. To be called on every rank; in a `fast_dev_run` a temporary folder."""
    folder = run_folder(trainer)
    if folder is None:
        made = tempfile.mkdtemp(prefix="deltas-") if trainer.is_global_zero else ""
        temporary = str(trainer.strategy.broadcast(made))
        if trainer.is_global_zero:
            atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        return Path(temporary), []
    before = [] if trainer.ckpt_path is None else list(Path(trainer.ckpt_path).parents[:2])
    return folder / _DELTAS, [each / _DELTAS for each in reversed(before)]


def check_local(trainer: Any) -> None:
    """Refuses to write into a bucket or another place with a scheme.

    Raises:
        UnlearnableError: the folder of the run is a URL.
    """
    option, place = _decides(trainer)
    if _SCHEME.match(place) and not trainer.fast_dev_run:
        raise UnlearnableError(
            f"{option} {place}: noise, tables and checkpoints are written to local folders alone. "
            "Give the path of a folder on this machine, and copy the run when it is done."
        )


def refuse_earlier_run(trainer: Any, path: Path, resume_from: Path | None) -> None:
    """Refuses to begin a run where another left `path`. To be called on every rank.

    Args:
        trainer: its logger or root decide the folder.
        path: what the new run would overwrite.
        resume_from: the checkpoint to advise, if it is there.

    Raises:
        UnlearnableError: `path` exists.
    """
    if not trainer.strategy.broadcast(path.exists()):
        return
    there = resume_from is not None and resume_from.exists()
    resume = f"Resume that run with --ckpt_path {resume_from}, remove" if there else "Remove"
    raise UnlearnableError(f"{path} exists already. {resume} it, or {another_folder(trainer)}.")
