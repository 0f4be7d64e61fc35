"""Writes what the generator made, however its run ends."""

from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.utilities import rank_zero_info

from unlearnable_lightning.noise.release_files import write_release
from unlearnable_lightning.noise.sharded_deltas import ShardedDeltas
from unlearnable_lightning.release import NoiseFileError, Release
from unlearnable_lightning.run.after_module import AfterModule
from unlearnable_lightning.run.checkpoints import last_checkpoint
from unlearnable_lightning.run.folder import refuse_earlier_run, run_folder
from unlearnable_lightning.run.spawned import send_path


class RoundsWriter(AfterModule):
    """`noise.safetensors` and `noise.png` in the run folder after every round, and once more if an
    exception breaks a round off whose deltas are in memory; masks and triples to TensorBoard.

    Raises:
        UnlearnableError: before the first round, if the folder holds noise of another run.
    """

    def __init__(self) -> None:
        self.path: Path | None = None
        self.written: int | None = None  # the round that the file holds; None: nothing is trained

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        """Forgets the run before."""
        self.path = self.written = None

    def on_fit_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        """Refuses noise of another run in the folder."""
        folder = run_folder(trainer)
        if folder is None:
            return
        self.path = folder / "noise.safetensors"
        if trainer.ckpt_path is None:
            refuse_earlier_run(trainer, self.path, resume_from=last_checkpoint(trainer))

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        """Nothing is new yet."""
        self.written = pl_module.deltas.rounds

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        """Writes the round, and says its error and what ends the run."""
        # here and not in the module: an EarlyStopping decides between the two
        end = pl_module.ending(trainer.current_epoch + 1, trainer.global_step)
        self._write(trainer, pl_module)
        error = pl_module.deltas.error
        said = "" if error is None else f"error {error:.2%} after "
        said += f"round {pl_module.deltas.rounds}"
        if end is not None:
            said += f": {end.rule}."
            said += "" if self.path is None else f" Noise: {self.path}"
        rank_zero_info(said)

    def on_fit_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        """A finished run, resumed into a folder without its noise, leaves it there all the same."""
        nothing_done = self.written is None and pl_module.deltas.rounds > 0
        if nothing_done and self.path is not None:
            finished = trainer.strategy.broadcast(_holds_finished_noise(self.path))
            if not finished:
                self._write(trainer, pl_module)
        if self.path is not None:
            send_path(trainer, pl_module, self.path)
        self.path = None  # what comes after the fit writes no noise

    def on_exception(self, trainer: L.Trainer, pl_module: Any, exception: BaseException) -> None:
        """Writes what the broken round had, and says how to go on."""
        if self.path is None or self.written is None:
            return  # refused before it began, or no fit
        # deltas in files are those of the last whole round, and other ranks may be gone
        in_files = isinstance(pl_module.deltas, ShardedDeltas)
        if not in_files and (pl_module.epoch_open or self.written != pl_module.deltas.rounds):
            self._write(trainer, pl_module)
        where = f"in round {pl_module.deltas.rounds + 1}. Noise so far"
        if pl_module.finished:
            where = "after the last round. Noise"
        elif in_files and not pl_module.deltas.rounds:
            where = "in round 1. There will be noise"
        last = last_checkpoint(trainer)
        resume = f" Resume with --ckpt_path {last}" if last is not None and last.exists() else ""
        rank_zero_info(f"Interrupted {where}: {self.path}.{resume}")
        self.path = None

    def _write(self, trainer: L.Trainer, pl_module: Any) -> None:
        if self.path is None:
            return
        self.written = pl_module.deltas.rounds
        in_files = pl_module.deltas.files is not None  # all ranks write those
        if trainer.is_global_zero or in_files:
            write_release(self.path, pl_module.noise(), pl_module.train_set, trainer, self.written)


def _holds_finished_noise(path: Path) -> bool:
    try:
        return Release.load(path).finished
    except NoiseFileError:  # missing, or damaged
        return False
