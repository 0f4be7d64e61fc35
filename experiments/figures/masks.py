"""Figures 3.3, 3.8, A.2 and A.3: the noise itself, -epsilon black, +epsilon white."""

from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from experiments import words
from experiments.commands import noise_folder
from experiments.grid import Grid
from unlearnable_lightning.noise import mask
from unlearnable_lightning.release import Release
from unlearnable_lightning.rows import whole

COLUMNS = 10


def draw(figure: words.Figure, table: pd.DataFrame, runs: Path, grid: Grid) -> Figure:
    """A row per noise whose file is here: of the first images (sample-wise) or of each class
    (class-wise)."""
    files = {
        name: runs / noise_folder(grid, name, grid.seeds[0]) / "noise.safetensors"
        for name in grid.noises()
    }
    names = [name for name, file in files.items() if file.exists()]
    size = (COLUMNS * 0.66, len(names) * 0.72)
    drawn, axes = plt.subplots(len(names), COLUMNS, figsize=size, squeeze=False)
    for row, name in zip(axes, names, strict=True):
        noise = Release.load(files[name])
        pictures = mask(whole(noise.difference)[:COLUMNS], noise.amplitude).permute(0, 2, 3, 1)
        for ax in row:
            ax.set_axis_off()
        for ax, picture in zip(row, pictures, strict=False):
            ax.imshow(picture)
        row[0].set_title(grid.names.noises[name].label, fontsize=7, loc="left", pad=2)
    drawn.tight_layout(pad=0.3)
    return drawn
