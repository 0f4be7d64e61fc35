"""Writes what the generator made, however its run ends."""

from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor
from torchvision.utils import make_grid, save_image

from unlearnable_lightning.callbacks.run_folder import run_folder
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import replacing
from unlearnable_lightning.noise import mask, triples


class NoiseWriter(Checkpoint):
    """`noise.safetensors` and `noise.png` in the run folder after every round, and once more if an
    exception ends the run; masks and triples to TensorBoard.

    A `Checkpoint`, because those run after the module's own hook: the sweep of the round is done.

    Raises:
        UnlearnableError: before the first round, if the folder holds noise of another run.
    """

    def __init__(self) -> None:
        self.path: Path | None = None  # known, and ours to write, once training has started

    def on_fit_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        pl_module.finished = False
        folder = run_folder(trainer)
        if folder is None:
            return
        path = folder / "noise.safetensors"
        if path.exists() and trainer.ckpt_path is None:
            raise UnlearnableError(
                f"{path} exists already. Resume that run with --ckpt_path "
                f"{path.parent / 'checkpoints' / 'last.ckpt'}, remove it, or choose another folder "
                "with --trainer.logger.version or --trainer.default_root_dir."
            )
        self.path = path

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        last = trainer.max_epochs == trainer.current_epoch + 1
        pl_module.finished = trainer.should_stop or last
        self._write(trainer, pl_module)
        error = f"error {pl_module.state.error:.2%} after round {pl_module.state.rounds}"
        if pl_module.finished:
            within = (
                pl_module.stop_error is not None and pl_module.state.error <= pl_module.stop_error
            )
            rule = (
                f"stop_error={pl_module.stop_error} is reached"
                if within
                else f"max_epochs={trainer.max_epochs} is reached"
                if last
                else "the Trainer was told to stop"
            )
            error += f": {rule}. Noise: {self.path}"
        rank_zero_info(error)

    def on_exception(self, trainer: L.Trainer, pl_module: Any, exception: BaseException) -> None:
        if self.path is None or pl_module.state.delta is None:
            return
        if isinstance(exception, UnlearnableError):
            return  # refused: there is no round of which to keep anything
        pl_module.finished = False
        self._write(trainer, pl_module)
        checkpoint = self.path.parent / "checkpoints" / "last.ckpt"
        resume = f" Resume with --ckpt_path {checkpoint}" if checkpoint.exists() else ""
        rank_zero_info(
            f"Interrupted in round {pl_module.state.rounds + 1}. Noise so far: {self.path}.{resume}"
        )

    def _write(self, trainer: L.Trainer, pl_module: Any) -> None:
        if self.path is None or not trainer.is_global_zero:
            return
        noise = pl_module.noise()
        noise.save(self.path)
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


def one_per_class(labels: Tensor, most: int = 10) -> Tensor:
    """Rows of the first image of each class, at most `most` of them; int64."""
    return torch.stack([(labels == label).nonzero()[0, 0] for label in labels.unique()[:most]])
