"""The tidy table: what the runs wrote, nothing lost and nothing invented."""

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from experiments import record, results
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
        test["precision"] = "bf16-mixed" if training is POISONED else "32-true"
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
    record.write(noise.parent)
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


def test_the_device_says_bfloat16(table: pd.DataFrame) -> None:
    devices = table.drop_duplicates(["run", "seed"]).set_index(["run", "seed"])["device"]
    clean = {(CLEAN, 0): "a CPU", (CLEAN, 1): "a CPU"}
    assert devices.to_dict() == {**clean, (POISONED, 0): "a CPU, bfloat16"}


def test_a_noise_has_rows_of_its_own(file: Path) -> None:
    table = results.read_all(file)
    rows = table[table["training"] == "noise"]
    assert len(table) == len(rows) + len(results.read(file))
    assert set(rows["train_data"]) == {"S8*"}
    assert set(rows["epochs"]) == {3}
    assert set(rows["wall_s"]) == {60}
    found = rows.set_index("metric")["last"].to_dict()
    assert found == {"surrogate_error_pct": pytest.approx(0.71), "steps": 20, "rounds": 3}


@pytest.mark.parametrize(
    ("arguments", "settings"),
    [
        ({"steps": 5, "step_size": "8/1275"}, {"steps": 5, "step_size": 8 / 1275}),
        ({"model_steps": 100, "step_size": 0.01}, {"model_steps": 100, "step_size": 0.01}),
        ({"steps": 5, "step_size": "epsilon/5"}, {"steps": 5, "step_size": 4 / 255 / 5}),
        ({"model_steps": None, "step_size": None}, {}),  # the method's own
        ({"model_steps": 0, "step_size": "1.6/255"}, {"model_steps": 0, "step_size": 1.6 / 255}),
        ({}, {}),
    ],
    ids=str,
)
def test_the_settings_of_a_noise_are_those_that_it_says(
    tmp_path: Path,
    noise_for: Any,
    thesis: Grid,
    arguments: dict[str, Any],
    settings: dict[str, float],
) -> None:
    noise = tmp_path / "noise" / "S8gray" / "seed0" / "noise.safetensors"
    noise.parent.mkdir(parents=True)
    made = noise_for(DataSource("x", "train", (4, 3, 8, 8), ("a", "b"), "0"))
    versions = {"unlearnable-lightning": "0.1.0"}
    made_by = {**made.made_by, "arguments": {"epsilon": "4/255", **arguments}}
    dataclasses.replace(made, versions=versions, made_by=made_by).save(noise)
    record.write(noise.parent)
    (noise.parent / "time.tsv").write_text("s\th:m:s\n60.0\t0:01:00\n")
    grid = dataclasses.replace(thesis, done=frozenset())
    results.write(tmp_path / "results.csv", tmp_path, "p", [("S8*", 0)], grid)
    found = results.read_all(tmp_path / "results.csv").set_index("metric")["last"].to_dict()
    del found["surrogate_error_pct"]
    assert found == pytest.approx({**settings, "rounds": 3}, rel=1e-4)


def test_what_a_run_logged_of_its_noise_counts_until_it_is_inspected(
    file: Path, runs: Path, thesis: Grid
) -> None:
    noise = runs / "noise" / "S8gray" / "seed0"
    said = record.read(noise)
    said["logged"] = {"luma_share": 0.25, "mean_radius": 7.0}
    (noise / record.RECORD).write_text(json.dumps(said))
    (noise / "noise.safetensors").unlink()  # it may lie on another machine
    grid = dataclasses.replace(thesis, done=frozenset())

    def found() -> dict[str, float]:
        results.write(runs / "again.csv", runs, "p", [("S8*", 0)], grid)
        return results.read_all(runs / "again.csv").set_index("metric")["last"].to_dict()

    assert found()["luma_share"] == 0.25
    assert "mean_radius" not in found()
    assert "low_share" not in found()


def test_without_validation_there_is_no_best(table: pd.DataFrame) -> None:
    assert table[table["train_data"] == "S8*"]["best"].isna().all()


def test_errors_are_means_over_the_seeds(table: pd.DataFrame) -> None:
    assert results.errors(table) == {CLEAN: pytest.approx(40), POISONED: pytest.approx(87.5)}
