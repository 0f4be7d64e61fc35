"""Figure A.5: what each augmentation of `configs/augment` does to the same images."""

from pathlib import Path

import pandas as pd
import torch
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from experiments import words
from experiments.figures.images import data_of, shown_folder
from experiments.grid import Grid
from unlearnable_lightning.rows import whole

EXAMPLES = 4
COLUMNS = 8
CONFIGS = Path(__file__).parents[2] / "configs" / "augment"


def draw(figure: words.Figure, table: pd.DataFrame, runs: Path, grid: Grid) -> Figure:
    """A column per augmentation, the images as they are first."""
    run = runs / shown_folder(figure, grid)
    images = whole(data_of(run).train_set.images)[:EXAMPLES] / 255
    columns = {"images": images}
    for config in sorted(CONFIGS.glob("*.yaml")):
        torch.manual_seed(0)
        columns[config.stem] = data_of(run, config).augment(images)
    bands = -(-len(columns) // COLUMNS)
    size = (COLUMNS * 1.45, bands * EXAMPLES * 1.3)
    drawn, axes = plt.subplots(bands * EXAMPLES, COLUMNS, figsize=size)
    for ax in axes.flat:
        ax.set_axis_off()
    for place, (title, pictures) in enumerate(columns.items()):
        top, column = EXAMPLES * (place // COLUMNS), place % COLUMNS
        axes[top, column].set_title(title, fontsize=8)
        for ax, picture in zip(axes[top:, column], pictures, strict=False):
            ax.imshow(picture.permute(1, 2, 0))
    drawn.tight_layout(pad=0.3)
    return drawn
