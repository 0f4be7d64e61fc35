"""Figures 3.3, 3.8, A.2 and A.3: the noise itself, -epsilon black, +epsilon white."""

from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from experiments.commands import noise_folder
from experiments.grid import Grid
from unlearnable_lightning.noise import mask
from unlearnable_lightning.release import Release

COLUMNS = 10


def draw(name: str, table: pd.DataFrame, runs: Path, grid: Grid) -> Figure:
    """A row per noise: of the first images (sample-wise) or of each class (class-wise)."""
    names = grid.noises()
    size = (COLUMNS * 0.66, len(names) * 0.72)
    figure, axes = plt.subplots(len(names), COLUMNS, figsize=size, squeeze=False)
    for row, data in zip(axes, names, strict=True):
        noise = Release.load(runs / noise_folder(data, grid.seeds[0]) / "noise.safetensors")
        pictures = mask(noise.difference[:COLUMNS], noise.amplitude).permute(0, 2, 3, 1)
        for ax in row:
            ax.set_axis_off()
        for ax, picture in zip(row, pictures, strict=False):
            ax.imshow(picture)
        row[0].set_title(data, fontsize=7, loc="left", pad=2)
    figure.tight_layout(pad=0.3)
    return figure
