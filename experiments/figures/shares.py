"""Accuracy by the share of the training images that is protected, against the clean part alone."""

from collections.abc import Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments import words
from experiments.grid import Grid
from experiments.results import errors_by_seed
from experiments.training import Training

Errors = Mapping[Training, Mapping[int, float]]


def draw(figure: words.Figure, table: pd.DataFrame, runs: Path, grid: Grid) -> Figure:
    """A line per noise of the panel `mix`, and one of the panel `clean part`, dashed; both begin at
    the clean images, which are a share of 0."""
    errors = errors_by_seed(table)
    drawn, ax = plt.subplots(figsize=(7, 4))
    clean = next(iter(grid.names.clean))
    kept = grid.only.get("train_data", grid.names.data())
    plain = figure.panels["mix"]["1"]
    for name in [each for each in grid.names.noises if each in kept]:
        entry = grid.names.noises[name]
        of_share = {0.0: Training(clean, plain, figure.without["augmentation"])}
        for share, training in figure.panels["mix"].items():
            of_share[float(share)] = Training(name, training, figure.without["augmentation"])
        _line(ax, of_share, errors, color=entry.colour, label=f"{entry.label}, the mix")
    of_share = {0.0: Training(clean, plain, figure.without["augmentation"])}
    for share, training in figure.panels["clean part"].items():
        of_share[float(share)] = Training(clean, training, figure.without["augmentation"])
    colour = grid.names.clean[clean].colour
    _line(ax, of_share, errors, color=colour, label="clean part alone", linestyle="--")
    ax.set_xlabel("share of the training images that is protected")
    ax.set_ylabel("accuracy on clean test images, %")
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylim(0, 100)
    ax.grid(alpha=0.3)
    ax.legend(fontsize=8)
    drawn.tight_layout()
    return drawn


def _line(ax: Axes, of_share: Mapping[float, Training], errors: Errors, **how: Any) -> None:
    nothing = {0: float("nan")}  # the line is broken where a share is not run yet
    found = {
        share: [100 - error for error in errors.get(training, nothing).values()]
        for share, training in of_share.items()
    }
    spread = [stdev(each) if len(each) > 1 else 0.0 for each in found.values()]
    heights = [mean(each) for each in found.values()]
    ax.errorbar(list(found), heights, spread, marker=".", capsize=3, **how)
