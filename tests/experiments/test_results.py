"""The tidy table: what the runs wrote, nothing lost and nothing invented."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from experiments import results
from experiments.grid import Grid
from experiments.training import Training
from unlearnable_lightning.release import DataSource

CLEAN, POISONED = (Training(data, "standard", "none") for data in ("clean", "S8*"))


@pytest.fixture
def runs(tmp_path: Path, thesis: Grid) -> Path:
    for training, seed, accuracy in ((CLEAN, 0, 0.5), (CLEAN, 1, 0.7), (POISONED, 0, 0.125)):
        folder = tmp_path / "train" / thesis.names.folder(training) / f"seed{seed}"
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


class Runs(Grid):
    """These three alone."""

    def runs(self) -> Iterator[tuple[Training, int]]:
        yield from [(CLEAN, 0), (CLEAN, 1), (POISONED, 0)]


@pytest.fixture
def file(runs: Path, noise_for: Any, thesis: Grid) -> Path:
    noise = runs / "noise" / "S8gray" / "seed0" / "noise.safetensors"
    noise.parent.mkdir(parents=True)
    made = noise_for(DataSource("x", "train", (4, 3, 8, 8), ("a", "b"), "0"))
    dataclasses.replace(made, versions={"unlearnable-lightning": "0.1.0"}).save(noise)
    (noise.parent / "time.tsv").write_text("s\th:m:s\n60.0\t0:01:00\n")
    grid = Runs(thesis.names, thesis.rows, seeds=[0, 1])
    results.write(runs / "results.csv", runs, "p", [("S8*", 0)], grid)
    return runs / "results.csv"


@pytest.fixture
def table(file: Path) -> pd.DataFrame:
    return results.read(file)


def test_a_row_for_each_run_and_metric(table: pd.DataFrame) -> None:
    assert len(table) == 6
    row = table[(table["seed"] == 1) & (table["metric"] == "error_pct")].iloc[0]
    assert row["run"] == CLEAN
    assert (row["attack"], row["profile"], row["epochs"]) == ("none", "p", 9)
    assert (row["device"], row["wall_s"], row["version"]) == ("a CPU", 12.5, "0.1.0")
    assert (row["last"], row["best"]) == (pytest.approx(30), pytest.approx(29))


def test_a_noise_is_a_row_of_its_own(file: Path) -> None:
    table = results.read_all(file)
    (row,) = table[table["training"] == "noise"].to_dict("records")
    assert (row["train_data"], row["metric"], row["epochs"]) == ("S8*", "surrogate_error_pct", 3)
    assert (row["last"], row["wall_s"]) == (pytest.approx(0.71), 60)
    assert len(table) == 1 + len(results.read(file))


def test_without_validation_there_is_no_best(table: pd.DataFrame) -> None:
    assert table[table["train_data"] == "S8*"]["best"].isna().all()


def test_errors_are_means_over_the_seeds(table: pd.DataFrame) -> None:
    assert results.errors(table) == {CLEAN: pytest.approx(40), POISONED: pytest.approx(87.5)}
