"""Two tables of results side by side: a second run of a grid, or yours and the committed one.

python -m experiments.compare FIRST.csv SECOND.csv
"""

import sys
from pathlib import Path
from statistics import median

import pandas as pd

from experiments import results
from experiments.tables import escaped, spread
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.report.text_table import markdown

HEAD = ("trained on", "training", "augmentation", "first", "second", "difference")
_WHAT = ["train_data", "training", "augmentation"]


def compare(first: Path, second: Path) -> str:
    """Accuracy on clean test images after the last epoch in per cent, of every training that both
    tables have, mean ± standard deviation over its seeds; the largest difference first.

    Args:
        first: a `results.csv`.
        second: another, of a grid with the same names.

    Raises:
        UnlearnableError: one is no table of results, or they have no training in common.
    """
    before, after = _accuracies(first), _accuracies(second)
    both = [what for what in before if what in after]
    if not both:
        raise UnlearnableError(
            f"{first} and {second} have no training in common. Give two tables of one grid."
        )
    moved = {what: after[what].mean() - before[what].mean() for what in both}
    largest = sorted(both, key=lambda what: (-abs(moved[what]), what))
    rows = [
        [*map(escaped, what), spread(before[what]), spread(after[what]), f"{moved[what]:+.1f}"]
        for what in largest
    ]
    middle = median(map(abs, moved.values()))
    said = f"{len(both)} trainings in both; half of them differ by less than {middle:.1f} points."
    return f"{said}\n\n{markdown(HEAD, rows, numbers=3)}"


def _accuracies(path: Path) -> dict[tuple[str, str, str], pd.Series]:
    """Of each training, over its seeds."""
    try:
        table = results.read(path)
    except (OSError, ValueError, KeyError) as error:
        raise UnlearnableError(
            f"{path} is no table of results ({error}). Give a results.csv of `make results`."
        ) from error
    clean = table[(table["attack"] == "none") & (table["metric"] == "error_pct")]
    return {what: 100 - rows["last"] for what, rows in clean.groupby(_WHAT, sort=False)}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m experiments.compare FIRST.csv SECOND.csv")
    try:
        print(compare(*map(Path, sys.argv[1:])))
    except UnlearnableError as error:
        sys.exit(f"error: {error}")
