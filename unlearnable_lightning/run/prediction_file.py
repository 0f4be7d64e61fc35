"""What `predict` leaves in the run folder."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import BasePredictionWriter
from lightning.pytorch.utilities import rank_zero_info

from unlearnable_lightning.run.folder import run_folder


class PredictionFile(BasePredictionWriter, ABC):
    """One file with all predictions; on several devices one per rank.

    Args:
        name: of the file.
    """

    def __init__(self, name: str) -> None:
        super().__init__(write_interval="epoch")
        self.name = Path(name)

    @abstractmethod
    def write(self, path: Path, batches: Sequence[Any]) -> None:
        """Writes what `predict_step` gave for each batch."""

    def write_on_epoch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        predictions: Sequence[Any],
        batch_indices: Sequence[Any],
    ) -> None:
        """Writes the file of this rank into the run folder."""
        folder = run_folder(trainer)
        if folder is None:
            return
        rank = "" if trainer.world_size == 1 else f"_rank{trainer.global_rank}"
        path = folder / f"{self.name.stem}{rank}{self.name.suffix}"
        self.write(path, predictions)
        rank_zero_info(f"Predictions: {path}")
