"""Results side by side: `python -m unlearnable_lightning.report FOLDER`."""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from unlearnable_lightning.attack_results import BEST, TestResult
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.text_table import attack_title, markdown, percent

_ATTACKS = ("none", "fgsm", "pgd")  # these columns are always there
_NOTE = f"Accuracy in % on test images without noise. last: after the last epoch; best: {BEST}."


def report(folder: Path) -> str:
    """A Markdown table of every `test.json` below `folder`: accuracy in per cent.

    Args:
        folder: its runs; the path of each below it is its name.

    Returns:
        The table, a row per run and weights, a dash for an attack that was not tried; a note on
        what the weights are.

    Raises:
        UnlearnableError: a `test.json` is not what `test` writes.
    """
    runs = list(_accuracies(folder))
    attacks = list(dict.fromkeys([*_ATTACKS, *(attack for *_, found in runs for attack in found)]))
    rows = [
        [name, weights, *(percent(found[each]) if each in found else "–" for each in attacks)]
        for name, weights, found in runs
    ]
    head = ["run", "weights", *(attack_title(attack) for attack in attacks)]
    table = markdown(head, rows, numbers=len(attacks))
    return f"{table}\n\n{textwrap.fill(_NOTE, width=104)}"


def _accuracies(folder: Path) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Run, weights, and the accuracy by attack."""
    for path in sorted(folder.rglob("test.json")):
        by_weights: dict[str, dict[str, float]] = {}
        for row in TestResult.load(path).table:
            by_weights.setdefault(row.weights, {})[row.attack] = row.accuracy
        for weights, found in by_weights.items():
            yield str(path.parent.relative_to(folder)), weights, found


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: python -m unlearnable_lightning.report FOLDER, the folder of some runs")
    try:
        print(report(Path(sys.argv[1])))
    except UnlearnableError as error:
        sys.exit(str(error))
