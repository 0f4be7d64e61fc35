"""Figures 3.1, 3.2 and A.1: what training on the noise looks like, epoch by epoch."""

from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from experiments import words
from experiments.commands import train_folder
from experiments.grid import Grid
from experiments.training import Training

ROWS = {"train_loss": "training loss", "val_error": "error on clean validation images"}


def draw(figure: words.Figure, table: pd.DataFrame, runs: Path, grid: Grid) -> Figure:
    """Training loss above, error on clean validation images below; a column for each title, of the
    training and augmentation that it names, if a run of it is done."""
    done: dict[Training, int] = {}  # with its first seed; that of the grid may not be done
    for training, seed in zip(table["run"], table["seed"], strict=True):
        done[training] = min(seed, done.get(training, seed))
    panels = {
        title: names
        for title, names in figure.panels.items()
        if any(Training(data, **names) in done for data in figure.train_data)
    }
    columns = len(panels)
    drawn, axes = plt.subplots(
        2, columns, figsize=(4 * columns, 6), sharex="col", sharey="row", squeeze=False
    )
    for column, (title, names) in enumerate(panels.items()):
        axes[0, column].set_title(title, fontsize=10)
        for data in figure.train_data:
            training = Training(data, **names)
            entry = grid.names.data_entry(data)
            if training in done:
                logged = read(runs / train_folder(grid, training, done[training]))
                for ax, tag in zip(axes[:, column], ROWS, strict=True):
                    # a point alone if only some epochs are validated
                    line = logged[tag].dropna()
                    ax.plot(line, color=entry.colour, label=entry.label, marker=".")
        axes[1, column].set_xlabel("epoch")
    for ax, label in zip(axes[:, 0], ROWS.values(), strict=True):
        ax.set_ylabel(label, fontsize=9)
    axes[0, 0].legend(fontsize=8, ncols=2)
    axes[1, 0].set_ylim(0, 1)
    drawn.tight_layout()
    return drawn


def read(folder: Path) -> pd.DataFrame:
    """The scalars of a run's TensorBoard files, a row per epoch and a column per tag.

    Args:
        folder: of the run. One that was resumed has several files; the later value counts.
    """
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()
    epochs = {event.step: int(event.value) for event in events.Scalars("epoch")}
    tags = [tag for tag in events.Tags()["scalars"] if tag.startswith(("train_", "val_"))]
    return pd.DataFrame(
        {tag: {epochs[e.step]: e.value for e in events.Scalars(tag)} for tag in tags}
    ).sort_index()
