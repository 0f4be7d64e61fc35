"""Writes what a classifier's `predict` says."""

import codecs
import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import lightning as L

from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.files import replacing
from unlearnable_lightning.run.data import datamodule_of
from unlearnable_lightning.run.prediction_file import PredictionFile

COLUMNS = ("index", "label", "prediction", "probability")


NAMES = ("label_name", "prediction_name")


class PredictionsWriter(PredictionFile):
    """`predictions.csv`: index, label, prediction and its probability, a row per image; then the
    names of the two classes, if the images come from a data module, which knows them."""

    def __init__(self) -> None:
        super().__init__("predictions.csv")
        self.class_names: tuple[str, ...] = ()

    def on_predict_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Asks the data module for the names of the classes."""
        data = datamodule_of(trainer)
        self.class_names = data.class_names if isinstance(data, ImageDataModule) else ()

    def write(self, path: Path, batches: Sequence[Any]) -> None:
        """As in `PredictionFile`."""
        with replacing(path) as file:
            writer = csv.writer(codecs.getwriter("utf-8")(file))
            writer.writerow(COLUMNS + (NAMES if self.class_names else ()))
            for batch in batches:
                writer.writerows(self._rows(batch))

    def _rows(self, batch: Any) -> Iterator[tuple[Any, ...]]:
        for row in zip(*(batch[key].tolist() for key in COLUMNS), strict=True):
            _, label, prediction, _ = row
            names = (self._name(label), self._name(prediction)) if self.class_names else ()
            yield (*row, *names)

    def _name(self, number: int) -> str:
        """The number itself for a class that the model has and the data has not."""
        return self.class_names[number] if number < len(self.class_names) else str(number)
