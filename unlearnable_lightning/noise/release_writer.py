"""Writes what the generator made, however its run ends."""

from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.strategies.launchers import _MultiProcessingLauncher
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor
from torchvision.utils import make_grid, save_image

from unlearnable_lightning.files import replacing
from unlearnable_lightning.noise.figure import mask, triples
from unlearnable_lightning.release import NoiseFileError, Release
from unlearnable_lightning.run.checkpoints import last_checkpoint
from unlearnable_lightning.run.folder import refuse_earlier_run, run_folder
from unlearnable_lightning.run.spawned import send_path


class NoiseWriter(Checkpoint):
    """`noise.safetensors` and `noise.png` in the run folder after every round, and once more if an
    exception breaks a round off; masks and triples to TensorBoard.

    A `Checkpoint`, because those run after the module's own hook: the sweep of the round is done.

    Raises:
        UnlearnableError: before the first round, if the folder holds noise of another run.
    """

    def __init__(self) -> None:
        self.path: Path | None = None
        self.written: int | None = None  # the round that the file holds; None: nothing is trained

    def setup(self, trainer: L.Trainer, pl_module: Any, stage: str) -> None:
        self.path = self.written = None

    def on_fit_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        folder = run_folder(trainer)
        if folder is None:
            return
        self.path = folder / "noise.safetensors"
        if trainer.ckpt_path is None:
            refuse_earlier_run(trainer, self.path, resume_from=last_checkpoint(trainer))

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.written = pl_module.state.rounds

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        # here and not in the module: an EarlyStopping decides between the two
        end = pl_module.ending(trainer.current_epoch + 1, trainer.global_step)
        self._write(trainer, pl_module)
        error = f"error {pl_module.state.error:.2%} after round {pl_module.state.rounds}"
        if end is not None:
            error += f": {end.rule}."
            error += "" if self.path is None else f" Noise: {self.path}"
        rank_zero_info(error)

    def on_fit_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        """A finished run, resumed into a folder without its noise, leaves it there all the same."""
        nothing_done = self.written is None and pl_module.state.rounds > 0
        if nothing_done and self.path is not None and not _holds_finished_noise(self.path):
            self._write(trainer, pl_module)
        if self.path is not None and isinstance(
            trainer.strategy.launcher, _MultiProcessingLauncher
        ):
            send_path(pl_module, self.path)
        self.path = None  # what comes after the fit writes no noise

    def on_exception(self, trainer: L.Trainer, pl_module: Any, exception: BaseException) -> None:
        if self.path is None or self.written is None:
            return  # refused before it began, or no fit
        if pl_module.epoch_open or self.written != pl_module.state.rounds:
            self._write(trainer, pl_module)
        where = f"in round {pl_module.state.rounds + 1}. Noise so far"
        if pl_module.finished:
            where = "after the last round. Noise"
        last = last_checkpoint(trainer)
        resume = f" Resume with --ckpt_path {last}" if last is not None and last.exists() else ""
        rank_zero_info(f"Interrupted {where}: {self.path}.{resume}")
        self.path = None

    def _write(self, trainer: L.Trainer, pl_module: Any) -> None:
        if self.path is None or not trainer.is_global_zero:
            return
        noise = pl_module.noise()
        noise.save(self.path)
        self.written = pl_module.state.rounds
        dataset = pl_module.train_set
        rows = one_per_class(dataset.labels)
        grey_levels = noise.difference_for(dataset.labels[rows], rows)
        grid = triples(dataset.clean[rows], grey_levels, noise.amplitude)
        with replacing(self.path.with_name("noise.png")) as file:
            save_image(grid, file, format="png")
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_image("noise/triples", grid, pl_module.state.rounds)
                masks = make_grid(mask(noise.difference[:64], noise.amplitude))
                logger.experiment.add_image("noise/masks", masks, pl_module.state.rounds)


def _holds_finished_noise(path: Path) -> bool:
    try:
        return Release.load(path).finished
    except NoiseFileError:  # missing, or damaged
        return False


def one_per_class(labels: Tensor, most: int = 10) -> Tensor:
    """Rows of the first image of each class, at most `most` of them; int64."""
    return torch.stack([(labels == label).nonzero()[0, 0] for label in labels.unique()[:most]])
