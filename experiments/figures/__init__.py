"""The pictures of a page, drawn from the runs of a profile: each a PNG file beside the page."""

from importlib import import_module
from pathlib import Path

import matplotlib

from experiments import results
from experiments.grid import Grid
from experiments.training import Training
from experiments.words import Words


def names(grid: Grid, words: Words) -> list[str]:
    """The pictures that this grid has runs for, in the order of the page."""
    sources = {cell.source for cell in grid.cells()}
    runs, noises = set(grid.runs()), grid.noises()
    return [
        name
        for name, figure in words.figures.items()
        if (figure.source is None or figure.source in sources)
        and (figure.shown is None or (figure.shown, grid.seeds[0]) in runs)
        and (noises or not figure.needs_noise)
    ]


def shown(words: Words) -> set[Training]:
    """The trainings whose weights a picture needs."""
    return {figure.shown for figure in words.figures.values() if figure.shown is not None}


def draw(folder: Path, table: Path, runs: Path, grid: Grid, words: Words) -> None:
    """Draws all of `names`.

    Args:
        folder: of the PNG files.
        table: `results.csv`.
        runs: folder of the profile's runs.
        grid: what was run.
        words: of the page.
    """
    matplotlib.use("Agg")
    read = results.read_all(table)
    for name in names(grid, words):
        drawing = import_module(f"experiments.figures.{words.figures[name].drawn_by}")
        figure = drawing.draw(words.figures[name], read, runs, grid)
        # without the version of matplotlib: the same picture is the same file
        figure.savefig(
            folder / f"{name}.png", dpi=100, bbox_inches="tight", metadata={"Software": None}
        )
