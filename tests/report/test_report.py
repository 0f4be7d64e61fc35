"""Results side by side: a row per run and weights."""

import json
from pathlib import Path

from unlearnable_lightning.report import report
from unlearnable_lightning.report.test_result import Choice


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


def write(folder: Path, **scores: float) -> None:
    """A `test.json` with these accuracies by attack."""
    folder.mkdir(parents=True)
    rows = [
        {"weights": "last", "attack": attack, "accuracy": accuracy}
        for attack, accuracy in scores.items()
    ]
    (folder / "test.json").write_text(json.dumps({"table": rows}))


def test_an_attack_of_ones_own_has_a_column(tmp_path: Path) -> None:
    write(tmp_path / "a", none=0.5, square=0.25)
    lines = report(tmp_path).splitlines()
    assert lines[0] == "| run | weights | clean images | FGSM | PGD | SQUARE |"
    assert lines[2] == "| a | last | 50.0 | – | – | 25.0 |"


def test_the_note_says_what_the_weights_are(tmp_path: Path) -> None:
    write(tmp_path / "a", none=0.5)
    note = " ".join(report(tmp_path).split("\n\n")[1].split())
    assert note.endswith("last: after the last epoch.")


def test_the_note_says_what_chose_the_best_weights(tmp_path: Path) -> None:
    rows = [{"weights": "best", "attack": "none", "accuracy": 0.5}]
    for name, best in (("a", None), ("b", {"monitor": "val_loss", "mode": "min"})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "test.json").write_text(json.dumps({"table": rows, "best": best}))
    note = report(tmp_path).splitlines()[-2:]
    assert note[0] == f"best of a: the epoch with the {Choice()}."
    assert note[1] == f"best of b: the epoch with the {Choice('val_loss', 'min')}."


def test_noise_victim_and_seed_are_named_where_the_file_says_them(tmp_path: Path) -> None:
    row = {"weights": "last", "attack": "none", "accuracy": 0.5}
    facts = {"noise": "LSP samplewise l2 1.3", "arguments": {"model": "mine.cnn"}, "seed": 3}
    for name, known in (("a", facts), ("b", {}), ("c", {"noise": "a | b", "seed": 0})):
        (tmp_path / name).mkdir()
        (tmp_path / name / "test.json").write_text(json.dumps({"table": [row], **known}))
    lines = report(tmp_path).splitlines()
    assert lines[0] == "| run | weights | noise | victim | seed | clean images | FGSM | PGD |"
    assert lines[2:5] == [
        "| a | last | LSP samplewise l2 1.3 | cnn | 3 | 50.0 | – | – |",
        "| b | last | – | – | – | 50.0 | – | – |",
        "| c | last | – | – | 0 | 50.0 | – | – |",
    ]
