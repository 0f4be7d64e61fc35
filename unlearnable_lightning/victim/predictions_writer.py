"""Writes what a classifier's `predict` says."""

import codecs
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from unlearnable_lightning.files import replacing
from unlearnable_lightning.run.prediction_file import PredictionFile

COLUMNS = ("index", "label", "prediction", "probability")


class PredictionsWriter(PredictionFile):
    """`predictions.csv`: index, label, prediction and its probability, a row per image."""

    def __init__(self) -> None:
        super().__init__("predictions.csv")

    def write(self, path: Path, batches: Sequence[Any]) -> None:
        with replacing(path) as file:
            writer = csv.writer(codecs.getwriter("utf-8")(file))
            writer.writerow(COLUMNS)
            for batch in batches:
                writer.writerows(zip(*(batch[key].tolist() for key in COLUMNS), strict=True))
