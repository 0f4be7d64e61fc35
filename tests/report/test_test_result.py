"""`test.json`: what is saved is loaded, and what is no such file is refused by name."""

import json
import math
from pathlib import Path

import pytest

from unlearnable_lightning import UnlearnableError
from unlearnable_lightning.report.test_result import WEIGHTS, AttackResult, Choice, TestResult
from unlearnable_lightning.report.text_table import markdown, plain

LAST = AttackResult("last", "none", accuracy=0.875, error=0.125, loss=1.5)
BEST = AttackResult("best", "pgd", accuracy=0.5, error=0.5, loss=2.25)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    result = TestResult((LAST, BEST), {"lr": 0.1}, 9, "a CPU", {"torch": "2"})
    result.save(tmp_path / "test.json")
    assert TestResult.load(tmp_path / "test.json") == result
    written = json.loads((tmp_path / "test.json").read_text())
    assert list(written) == [
        "table", "arguments", "epochs", "device", "versions", "choices", "poison_rate",
        "poison_classes", "noise", "seed", "precision", "best",
    ]  # fmt: skip
    assert list(written["table"][0]) == ["weights", "attack", "loss", "accuracy", "error"]


def test_a_file_that_says_less_is_read(tmp_path: Path) -> None:
    row = {"weights": "last", "attack": "none", "accuracy": 0.75}
    (tmp_path / "test.json").write_text(json.dumps({"table": [row], "more": 1}))
    result = TestResult.load(tmp_path / "test.json")
    assert (result.epochs, result.device, result.versions) == (None, "", {})
    assert result.precision == ""
    assert result.table[0].error == 0.25
    assert math.isnan(result.table[0].loss)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"table": 3}',
        '{"table": ["last"]}',
        '{"table": [], "arguments": 3}',
        '{"table": [], "seed": "one | two"}',
        '{"table": [], "device": ["a CPU"]}',
        '{"table": [], "precision": 16}',
        '{"table": [{"weights": "last", "attack": "none"}]}',
        '{"table": [{"weights": "last", "attack": "none", "accuracy": "high"}]}',
    ],
)
def test_what_is_no_such_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "test.json").write_text(text)
    with pytest.raises(UnlearnableError, match=r"test\.json: is not a table of `unlearnable test`"):
        TestResult.load(tmp_path / "test.json")


def test_the_terminal_shows_a_line_per_row_and_what_the_weights_are() -> None:
    assert plain([LAST, BEST]).splitlines() == [
        "weights attack        loss  accuracy %   error %",
        "last    none        1.5000       87.50     12.50",
        "best    pgd         2.2500       50.00     50.00",
        f"last: {WEIGHTS['last']}",
        f"best: {WEIGHTS['best'].format(Choice())}",
    ]


def test_numbers_of_a_markdown_table_stand_on_the_right() -> None:
    assert markdown(("a", "b"), [("x", "1"), ("y", "2")], numbers=1).splitlines() == [
        "| a | b |",
        "| --- | ---: |",
        "| x | 1 |",
        "| y | 2 |",
    ]
