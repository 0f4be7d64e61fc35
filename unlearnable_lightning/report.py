"""Results side by side: `python -m unlearnable_lightning.report FOLDER`."""

import json
import sys
from pathlib import Path

from unlearnable_lightning.callbacks.best import Choice

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
    choices: dict[str, list[str]] = {}  # what chose the best weights → runs
    for path in sorted(folder.rglob("test.json")):
        accuracy: dict[str, dict[str, float]] = {}
        result = json.loads(path.read_text())
        for row in result["table"]:
            accuracy.setdefault(row["weights"], {})[row["attack"]] = 100 * row["accuracy"]
        name = path.parent.relative_to(folder)
        if "best" in accuracy:
            choices.setdefault(str(Choice(**result.get("best") or {})), []).append(str(name))
        for weights, of in accuracy.items():
            shares = [f"{of[attack]:.1f}" if attack in of else "–" for attack in _ATTACKS]
            lines.append(f"| {name} | {weights} | {' | '.join(shares)} |")
    lines += ["", "Accuracy in % on test images without noise. last: after the last epoch."]
    for choice, runs in choices.items():
        those = "" if len(choices) == 1 else f" of {', '.join(runs)}"
        lines.append(f"best{those}: the epoch with the {choice}.")
    return "\n".join(lines)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("usage: python -m unlearnable_lightning.report FOLDER, the folder of some runs")
    print(report(Path(sys.argv[1])))
