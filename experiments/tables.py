"""The thesis's tables with our numbers beside its own."""

from collections.abc import Iterable

import pandas as pd

from experiments.grid import GRAYAUG, Cell, Grid

TITLES = {
    "Table 3.1": "MNIST: training and attack",
    "Table 3.2": "CIFAR-10: training and attack",
    "Table 3.3": "Standard training on the noise, with and without crop + flip",
    "Table 3.4": "Adversarial training on the noise, with crop + flip",
    "Table 3.5": "Grayscale",
    "Figure 3.4": "JPEG",
    "Figure 3.5": "Grayscale and JPEG",
    "Figure 3.6": "Random noise, uniform as in the thesis's code and Gaussian",
    "Figure 3.7": "Grayscale and random noise",
    "Section 3.5": "Noise made on grayscale images",
    "Table 3.6": "Noise made on grayscale images, against grayscale with JPEG or random noise",
    "Figure A.4": "Coarse dropout and median blur, without crop or flip",
    GRAYAUG: "GrayAug: noise that survives grayscale",
}
HEAD = "| trained on | training | augmentation | tested on | ours, last | ours, best | published |"


def sections(table: pd.DataFrame, grid: Grid) -> dict[str, str]:
    """A Markdown table for each source that the grid holds numbers of, in the page's order."""
    cells = grid.cells()
    found = {source: [cell for cell in cells if cell.source == source] for source in TITLES}
    return {source: _table(table, of) for source, of in found.items() if of}


def _table(table: pd.DataFrame, cells: Iterable[Cell]) -> str:
    lines = [HEAD, "| --- | --- | --- | --- | ---: | ---: | ---: |"]
    for cell in cells:
        training = cell.training
        rows = table[
            (table["run"] == training)
            & (table["attack"] == cell.attack)
            & (table["metric"] == cell.metric)
        ]
        digits = 2 if cell.metric == "loss" else 1
        tested = "clean images" if cell.attack == "none" else cell.attack.upper()
        about = "≈ " if cell.note.startswith("read off") else ""
        published = "" if cell.value is None else f"{about}{cell.value:g}"
        columns = [
            training.train_data.replace("*", "\\*"),
            training.training,
            training.augmentation,
            f"{tested}, {'loss' if cell.metric == 'loss' else 'error %'}",
            spread(rows["last"], digits),
            spread(rows["best"], digits),
            published,
        ]
        lines.append(f"| {' | '.join(columns)} |")
    return "\n".join(lines)


def spread(values: pd.Series, digits: int = 1) -> str:
    """Mean ± standard deviation (of the sample); the value alone if there is one."""
    values = values.dropna()
    if values.empty:
        return ""
    deviation = f" ± {values.std():.{digits}f}" if len(values) > 1 else ""
    return f"{values.mean():.{digits}f}{deviation}"
