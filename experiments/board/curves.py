"""The curves of every training, kept beside the table so that a page needs no run folder."""

import json
from collections.abc import Mapping
from pathlib import Path

from experiments.commands import train_folder
from experiments.figures.curves import read
from experiments.grid import Grid
from experiments.training import Training

Curves = Mapping[str, list[tuple[int, float]]]
SHOWN = {"train_accuracy": "training accuracy", "val_accuracy": "clean validation accuracy"}


def write_curves(path: Path, runs: Path, grid: Grid) -> None:
    """Writes the curves of the first seed of every training as JSON.

    Args:
        path: of the file.
        runs: folder of the profile's runs.
        grid: what was run.
    """
    kept = {}
    for training, seed in grid.runs():
        if seed == grid.seeds[0]:
            logged = read(runs / train_folder(grid, training, seed))
            kept[grid.names.folder(training)] = {
                title: [
                    (int(epoch), round(value, 4)) for epoch, value in logged[tag].dropna().items()
                ]
                for tag, title in SHOWN.items()
            }
    path.write_text(json.dumps(kept, indent=0) + "\n", encoding="utf-8")


def read_curves(table: Path, grid: Grid) -> dict[Training, Curves]:
    """Those that `write_curves` wrote beside the table of results, if it did."""
    path = table.with_name("curves.json")
    if not path.exists():
        return {}
    kept = json.loads(path.read_text(encoding="utf-8"))
    by_folder = {grid.names.folder(cell.training): cell.training for cell in grid.rows}
    return {by_folder[folder]: curves for folder, curves in kept.items() if folder in by_folder}
