"""Figures 3.4 to 3.7 and A.4: error by data set and augmentation, the published as outlines."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments import words
from experiments.grid import Grid
from experiments.results import errors
from experiments.training import Training

Errors = Mapping[Training, float]
WIDTH = 0.78  # of all bars of a data set; 1 would touch those of the next


def draw(figure: words.Figure, table: pd.DataFrame, runs: Path, grid: Grid) -> Figure:
    """A panel for each title: a bar per augmentation, in the colour and with the label of an entry
    of the grid's augmentations."""
    ours = errors(table)
    # all that is published, whether or not we have run it
    published = [cell for cell in grid.rows if cell.source == figure.source and cell.value]
    theirs = {cell.training: cell.value or 0 for cell in published}
    rows = len(figure.panels)
    drawn, axes = plt.subplots(rows, 1, figsize=(9, 3 * rows), squeeze=False, sharex=True)
    for ax, (title, bars) in zip(axes[:, 0], figure.panels.items(), strict=True):
        _bars(ax, bars, figure, grid, ours, theirs)
        _level(ax, figure, ours)
        ax.set_title(title, fontsize=10)
        labels = [grid.names.data_entry(data).label for data in figure.train_data]
        ax.set_xticks(range(len(labels)), labels)
        ax.set_ylim(0, 100)
        ax.set_ylabel("clean error, %")
    axes[0, 0].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    drawn.tight_layout()
    return drawn


def _bars(
    ax: Axes,
    bars: Mapping[str, str],
    figure: words.Figure,
    grid: Grid,
    ours: Errors,
    theirs: Errors,
) -> None:
    width = WIDTH / len(bars)
    for i, (entry, augmentation) in enumerate(bars.items()):
        middle = (i - (len(bars) - 1) / 2) * width
        places = [place + middle for place in range(len(figure.train_data))]
        trainings = [
            Training(data, figure.without["training"], augmentation) for data in figure.train_data
        ]
        named = grid.names.augmentations[entry]
        heights = [ours.get(training, float("nan")) for training in trainings]
        ax.bar(places, heights, width, color=named.colour, label=named.label)
        heights = [theirs.get(training, float("nan")) for training in trainings]
        outlines = ax.bar(
            places, heights, width, facecolor="none", edgecolor="black", linewidth=0.8
        )
        if i == len(bars) - 1:
            outlines.set_label("thesis")


def _level(ax: Axes, figure: words.Figure, ours: Errors) -> None:
    """A line at our error without what the panel is about."""
    for place, data in enumerate(figure.train_data):
        training = Training(data, figure.without["training"], figure.without["augmentation"])
        level = ours.get(training, float("nan"))
        label = "" if place else figure.without["label"]  # once in the legend
        ax.hlines(level, place - 0.43, place + 0.43, color="#cb181d", linewidth=1.2, label=label)
