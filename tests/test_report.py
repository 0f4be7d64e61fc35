"""Results side by side: a row per run and weights."""

import json
from pathlib import Path

from unlearnable_lightning.report import report


def test_a_row_per_run_and_weights_and_a_dash_for_what_was_not_tried(tmp_path: Path) -> None:
    for name, weights, attacks in (("a/b", "last", ("none", "fgsm", "pgd")), ("c", "best", ())):
        (tmp_path / name).mkdir(parents=True)
        table = [
            {"weights": weights, "attack": attack, "accuracy": 0.125 * (i + 1)}
            for i, attack in enumerate(attacks or ("none",))
        ]
        (tmp_path / name / "test.json").write_text(json.dumps({"table": table}))
    lines = report(tmp_path).splitlines()
    assert lines[2:4] == ["| a/b | last | 12.5 | 25.0 | 37.5 |", "| c | best | 12.5 | – | – |"]
