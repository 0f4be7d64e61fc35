"""Writes what a classifier's `predict` says."""

import csv
from collections.abc import Sequence
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import BasePredictionWriter
from lightning.pytorch.utilities import rank_zero_info

from unlearnable_lightning.callbacks.run_folder import run_folder

COLUMNS = ("index", "label", "prediction", "probability")


class PredictionsWriter(BasePredictionWriter):
    """`predictions.csv` in the run folder: index, label, prediction and its probability, a row per
    image; on several devices a file per rank."""

    def __init__(self) -> None:
        super().__init__(write_interval="epoch")

    def write_on_epoch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        predictions: Sequence[Any],
        batch_indices: Sequence[Any],
    ) -> None:
        folder = run_folder(trainer)
        if folder is None:
            return
        rank = "" if trainer.world_size == 1 else f"_rank{trainer.global_rank}"
        path = folder / f"predictions{rank}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for batch in predictions:
                writer.writerows(zip(*(batch[key].tolist() for key in COLUMNS), strict=True))
        rank_zero_info(f"Predictions: {path}")
