"""The tidy table: what the runs wrote, nothing lost and nothing invented."""

import json
from pathlib import Path

import pandas as pd
import pytest

from experiments import results
from experiments.grid import Training

CLEAN, POISONED = (Training(data, "standard", "none") for data in ("clean", "S8*"))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    for training, seed, accuracy in ((CLEAN, 0, 0.5), (CLEAN, 1, 0.7), (POISONED, 0, 0.125)):
        folder = tmp_path / "train" / training.folder / f"seed{seed}"
        folder.mkdir(parents=True)
        table = [
            {"weights": weights, "attack": "none", "loss": 1.5}
            | {"accuracy": accuracy + more, "error": 1 - accuracy - more}
            for weights, more in (("last", 0), ("best", 0.01))
            if training is CLEAN or weights == "last"
        ]
        test = {"table": table, "epochs": 9, "device": "a CPU"}
        test["versions"] = {"unlearnable-lightning": "0.1.0"}
        (folder / "test.json").write_text(json.dumps(test))
        (folder / "time.tsv").write_text("s\th:m:s\n12.5\t0:00:12\n")
    return tmp_path


@pytest.fixture
def table(runs: Path) -> pd.DataFrame:
    file = runs / "results.csv"
    results.write(file, runs, "p", [(CLEAN, 0), (CLEAN, 1), (POISONED, 0)])
    return results.read(file)


def test_a_row_for_each_run_and_metric(table: pd.DataFrame) -> None:
    assert len(table) == 6
    row = table[(table["seed"] == 1) & (table["metric"] == "error_pct")].iloc[0]
    assert row["run"] == CLEAN
    assert (row["attack"], row["profile"], row["epochs"]) == ("none", "p", 9)
    assert (row["device"], row["wall_s"], row["version"]) == ("a CPU", 12.5, "0.1.0")
    assert (row["last"], row["best"]) == (pytest.approx(30), pytest.approx(29))


def test_without_validation_there_is_no_best(table: pd.DataFrame) -> None:
    assert table[table["train_data"] == "S8*"]["best"].isna().all()


def test_errors_are_means_over_the_seeds(table: pd.DataFrame) -> None:
    assert results.errors(table) == {CLEAN: pytest.approx(40), POISONED: pytest.approx(87.5)}
