"""The grid's tables: our numbers beside the published ones."""

from collections.abc import Iterable

import pandas as pd

from experiments.cells import Cell
from experiments.grid import Grid
from experiments.words import Words
from unlearnable_lightning.report.text_table import attack_title, markdown

HEAD = (
    *("trained on", "training", "augmentation", "tested on"),
    *("ours, last", "ours, best", "published"),
)


def sections(table: pd.DataFrame, grid: Grid, words: Words) -> dict[str, str]:
    """A Markdown table for each source that the grid holds numbers of, in the page's order."""
    by_source: dict[str, list[Cell]] = {source: [] for source in words.tables}
    for cell in grid.cells():
        by_source.setdefault(cell.source, []).append(cell)
    return {source: _table(table, grid, cells) for source, cells in by_source.items() if cells}


def _table(table: pd.DataFrame, grid: Grid, cells: Iterable[Cell]) -> str:
    return markdown(HEAD, [_row(table, grid, cell) for cell in cells], numbers=3)


def _row(table: pd.DataFrame, grid: Grid, cell: Cell) -> list[str]:
    rows = table[
        (table["run"] == cell.training)
        & (table["attack"] == cell.attack)
        & (table["metric"] == cell.metric)
    ]
    digits, metric = (2, "loss") if cell.metric == "loss" else (1, "error %")
    about = "≈ " if cell.note.startswith("read off") else ""
    return [
        *(escaped(label) for label in grid.names.labels(cell.training)),
        f"{attack_title(cell.attack)}, {metric}",
        spread(rows["last"], digits),
        spread(rows["best"], digits),
        "" if cell.value is None else f"{about}{cell.value:g}",
    ]


def escaped(text: str) -> str:
    """With no star that Markdown would read as its own."""
    return text.replace("*", "\\*")


def spread(values: pd.Series, digits: int = 1) -> str:
    """Mean ± standard deviation (of the sample); the value alone if there is one."""
    values = values.dropna()
    if values.empty:
        return ""
    deviation = f" ± {values.std():.{digits}f}" if len(values) > 1 else ""
    return f"{values.mean():.{digits}f}{deviation}"
