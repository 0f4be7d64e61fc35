"""What is trained: every number of the thesis is a cell, and every cell names its training.

The thesis's own results (`thesis_results.csv`) are the list; added are the rows with true Gaussian
noise and those of GrayAug.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

THESIS = Path(__file__).with_name("thesis_results.csv")
GRAYAUG = "Liu et al."
GRAYAUG_ERRORS = {"crop_flip": 100 - 25.98, "grayscale+crop_flip": 100 - 24.98}  # their ResNet-18


@dataclass(frozen=True)
class Training:
    """A victim's training.

    Attributes:
        train_data: `clean`, `S8` and so on, `S8*` (made on grayscale images), `G8` (GrayAug), or
            `mnist-clean`.
        training: `standard`, or attack and radius: `pgd-8/255`.
        augmentation: names joined by + in the order of application, or `none`.
    """

    train_data: str
    training: str
    augmentation: str

    @property
    def folder(self) -> str:
        """As part of a path: no character that a shell or Snakemake would read as its own."""
        parts = (self.train_data.replace("*", "gray"), self.training.replace("/", "_"))
        return "/".join((*parts, self.augmentation))

    @classmethod
    def of_folder(cls, folder: str) -> "Training":
        """The training whose `folder` this is."""
        train_data, training, augmentation = folder.split("/")
        return cls(train_data.replace("gray", "*"), training.replace("_", "/"), augmentation)


@dataclass(frozen=True)
class Cell:
    """A published number and the training that it belongs to.

    Attributes:
        source: `Table 3.3` and so on.
        training: of ours that answers it.
        attack: on the test images: `none`, `fgsm` or `pgd`.
        metric: `loss` or `error_pct`.
        value: the published number; None for what the thesis did not measure.
        note: how it was published.
    """

    source: str
    training: Training
    attack: str
    metric: str
    value: float | None
    note: str = ""

    @property
    def core(self) -> bool:
        """Whether it belongs to the core rows, which run with several seeds."""
        return self.source in ("Table 3.3", "Table 3.5") or (
            self.source == "Table 3.4" and self.training.training == "pgd-8/255"
        )


def cells() -> list[Cell]:
    """Every published number, in the thesis's order, and our additions after it: true Gaussian
    noise, GrayAug, and GrayAug without crop and flip."""
    with THESIS.open(newline="") as file:
        published = [_cell(row) for row in csv.DictReader(file)]
    gaussian = [
        replace(cell, training=_with(cell.training, "uniform", "gaussian"), value=None, note="")
        for cell in published
        if "uniform_noise" in cell.training.augmentation
    ]
    grayaug = [
        Cell(GRAYAUG, Training("G8", "standard", augmentation), "none", "error_pct", error)
        for augmentation, error in GRAYAUG_ERRORS.items()
    ]
    plain = [
        Cell(GRAYAUG, Training(data, "standard", augmentation), "none", "error_pct", None)
        for augmentation in ("none", "grayscale")
        for data in ("clean", "S8", "G8")
    ]
    return published + gaussian + grayaug + plain


def published_errors() -> dict[Training, float]:
    """The published clean error in per cent of each training; of a single seed."""
    return {
        cell.training: cell.value
        for cell in cells()
        if (cell.attack, cell.metric) == ("none", "error_pct") and cell.value is not None
    }


def _cell(row: dict[str, str]) -> Cell:
    return Cell(
        row["source"],
        # what the thesis's code calls Gaussian noise is uniform in [0, sigma)
        _with(_training(row), "gaussian", "uniform"),
        row["test_attack"],
        row["metric"],
        float(row["value"]),
        row["note"],
    )


def _training(row: dict[str, str]) -> Training:
    train_data, training = row["train_data"], row["training"]
    if training in ("fgsm", "pgd"):  # Tables 3.1 and 3.2 leave the radius to the text
        training += "-0.3" if train_data == "mnist-clean" else "-8/255"
    return Training(train_data.replace("cifar10-", ""), training, row["augmentation"])


def _with(training: Training, old: str, new: str) -> Training:
    return replace(training, augmentation=training.augmentation.replace(f"{old}_", f"{new}_"))


@dataclass(frozen=True)
class Grid:
    """The trainings of a profile.

    Attributes:
        only: for each of Training's attributes the values to keep; what it does not name is kept.
        core: the core rows alone.
        seeds: of the core rows; the first of them runs the others.
        done: the runs to keep, None for all: for a page before the end.
    """

    only: dict[str, list[str]]
    core: bool
    seeds: list[int]
    done: frozenset[tuple[Training, int]] | None = None

    def cells(self) -> list[Cell]:
        """The published numbers that this grid answers."""
        return [cell for cell in cells() if self._holds(cell)]

    def _holds(self, cell: Cell) -> bool:
        if self.done is not None and cell.training not in {training for training, _ in self.done}:
            return False
        named: Any = vars(cell.training)
        return (cell.core or not self.core) and all(
            named[key] in values for key, values in self.only.items()
        )

    def runs(self) -> Iterator[tuple[Training, int]]:
        """Every training with each of its seeds, the core rows first."""
        yield from (run for run in self._runs() if self.done is None or run in self.done)

    def _runs(self) -> Iterator[tuple[Training, int]]:
        wanted = self.cells()
        core = dict.fromkeys(cell.training for cell in wanted if cell.core)
        yield from ((training, seed) for training in core for seed in self.seeds)
        rest = dict.fromkeys(cell.training for cell in wanted if cell.training not in core)
        yield from ((training, self.seeds[0]) for training in rest)

    def attacks(self, training: Training) -> list[str]:
        """Those that its test tries."""
        tried = {cell.attack for cell in self.cells() if cell.training == training}
        return sorted(tried - {"none"})

    def noises(self) -> list[str]:
        """The noise that its trainings need: S8 and so on."""
        names = dict.fromkeys(training.train_data for training, _ in self.runs())
        return [name for name in names if re.match(r"[SCG]\d", name)]
