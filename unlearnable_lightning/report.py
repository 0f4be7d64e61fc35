"""Results side by side: `python -m unlearnable_lightning.report FOLDER`."""

import json
import sys
from pathlib import Path

_ATTACKS = ("none", "fgsm", "pgd")


def report(folder: Path) -> str:
    """A Markdown table of every `test.json` below `folder`: accuracy in per cent.

    Args:
        folder: its runs; the path of each below it is its name.

    Returns:
        The table, a row per run and weights, a dash for an attack that was not tried; a note on
        what the weights are.
    """
    lines = ["| run | weights | clean images | FGSM | PGD |", "| --- | --- | ---: | ---: | ---: |"]
    for path in sorted(folder.rglob("test.json")):
        accuracy: dict[str, dict[str, float]] = {}
        for row in json.loads(path.read_text())["table"]:
            accuracy.setdefault(row["weights"], {})[row["attack"]] = 100 * row["accuracy"]
        name = path.parent.relative_to(folder)
        for weights, of in accuracy.items():
            shares = [f"{of[attack]:.1f}" if attack in of else "–" for attack in _ATTACKS]
            lines.append(f"| {name} | {weights} | {' | '.join(shares)} |")
    note = "Accuracy in % on test images without noise. last: after the last epoch; best: the epoch"
    return "\n".join([*lines, "", f"{note} with the best\nclean validation accuracy (an oracle)."])


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: python -m unlearnable_lightning.report FOLDER, the folder of some runs")
    print(report(Path(sys.argv[1])))
