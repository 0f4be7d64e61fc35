"""The thesis's figures, drawn from the runs of a profile: each a PNG file beside the page."""

from importlib import import_module
from pathlib import Path

import matplotlib

from experiments import results
from experiments.figures.bars import PICTURES
from experiments.grid import Grid, Training

ATTACKED = Training("clean", "standard", "crop_flip")  # whose model Figure 2.3 attacks


def names(grid: Grid) -> list[str]:
    """The figures that this grid has runs for, in the order of the page."""
    sources = {cell.source for cell in grid.cells()}
    drawn = ["curves"]
    if grid.noises():
        drawn.append("masks")
    drawn += [name for name, picture in PICTURES.items() if picture.source in sources]
    if (ATTACKED, grid.seeds[0]) in grid.runs():
        drawn += ["adversarial_examples", "augmentations"]
    return drawn


def draw(folder: Path, table: Path, runs: Path, grid: Grid) -> None:
    """Draws all of `names`.

    Args:
        folder: of the PNG files.
        table: `results.csv`.
        runs: folder of the profile's runs.
        grid: what was run.
    """
    matplotlib.use("Agg")
    for name in names(grid):
        module = "bars" if name in PICTURES else name
        drawing = import_module(f"experiments.figures.{module}")
        figure = drawing.draw(name, results.read(table), runs, grid)
        # without the version of matplotlib: the same picture is the same file
        figure.savefig(
            folder / f"{name}.png", dpi=100, bbox_inches="tight", metadata={"Software": None}
        )
