"""Figures 3.4 to 3.7 and A.4: error by data set and augmentation, the thesis's as outlines."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.grid import Grid, Training, cells
from experiments.results import errors

DATA = ["clean", "S2", "S4", "S8", "C2", "C4", "C8"]
SHADES = ["#c6dbef", "#6baed6", "#2171b5"]


@dataclass(frozen=True)
class Picture:
    """A figure of the thesis.

    Attributes:
        source: its number.
        panels: a title and the augmentations of each.
        without: the augmentation that the others are added to.
    """

    source: str
    panels: dict[str, list[str]]
    without: str = "crop_flip"


def _levels(name: str, levels: tuple[str, ...], then: str = "+crop_flip") -> list[str]:
    return [f"{name}-{level}{then}" for level in levels]


_C, _SIGMA = ("c40", "c60", "c80"), ("0.05", "0.10", "0.20")
PICTURES = {
    "jpeg": Picture("Figure 3.4", {"JPEG": _levels("jpeg", _C)}),
    "grayscale_jpeg": Picture("Figure 3.5", {"grayscale, JPEG": _levels("grayscale+jpeg", _C)}),
    "noise": Picture(
        "Figure 3.6",
        {
            "uniform noise in [0, sigma), as the thesis's code draws it": _levels(
                "uniform_noise", _SIGMA
            ),
            "true Gaussian noise": _levels("gaussian_noise", _SIGMA),
        },
    ),
    "grayscale_noise": Picture(
        "Figure 3.7",
        {
            "grayscale, uniform noise in [0, sigma)": _levels("grayscale+uniform_noise", _SIGMA),
            "grayscale, true Gaussian noise": _levels("grayscale+gaussian_noise", _SIGMA),
        },
    ),
    "dropout_blur": Picture(
        "Figure A.4",
        {
            "coarse dropout, median blur (no crop or flip)": [
                *_levels("coarse_dropout", ("3x3", "4x4"), ""),
                "median_blur-3",
            ]
        },
        without="none",
    ),
}


def draw(name: str, table: pd.DataFrame, runs: Path, grid: Grid) -> Figure:
    """The figure `name` of `PICTURES`."""
    picture = PICTURES[name]
    ours = errors(table)
    # all that is published, whether or not we have run it
    published = [cell for cell in cells() if cell.source == picture.source and cell.value]
    thesis = {cell.training: cell.value or 0 for cell in published}
    rows = len(picture.panels)
    figure, axes = plt.subplots(rows, 1, figsize=(9, 3 * rows), squeeze=False, sharex=True)
    for ax, (title, augmentations) in zip(axes[:, 0], picture.panels.items(), strict=True):
        _panel(ax, augmentations, picture.without, ours, thesis)
        ax.set_title(title, fontsize=10)
    axes[0, 0].legend(fontsize=8, loc="upper left", bbox_to_anchor=(1, 1))
    figure.tight_layout()
    return figure


def _panel(
    ax: Axes,
    augmentations: list[str],
    without: str,
    ours: dict[Training, float],
    thesis: dict[Training, float],
) -> None:
    width = 0.26
    for i, (augmentation, shade) in enumerate(zip(augmentations, SHADES, strict=True)):
        places = [place + (i - 1) * width for place in range(len(DATA))]
        trainings = [Training(data, "standard", augmentation) for data in DATA]
        heights = [ours.get(training, float("nan")) for training in trainings]
        label = augmentation.split("+crop_flip")[0].split("+")[-1]
        ax.bar(places, heights, width, color=shade, label=label)
        published = [thesis.get(training, float("nan")) for training in trainings]
        bars = ax.bar(places, published, width, facecolor="none", edgecolor="black", linewidth=0.8)
        if i == len(augmentations) - 1:
            bars.set_label("thesis")
    for place, data in enumerate(DATA):
        level = ours.get(Training(data, "standard", without), float("nan"))
        label = {"crop_flip": "crop + flip alone", "none": "without"}[without]
        label = "" if place else label  # once in the legend
        ax.hlines(level, place - 0.43, place + 0.43, color="#cb181d", linewidth=1.2, label=label)
    ax.set_xticks(range(len(DATA)), DATA)
    ax.set_ylim(0, 100)
    ax.set_ylabel("clean error, %")
