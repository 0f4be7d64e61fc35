"""Every run in one tidy table: a row per noise, and per training, attack and metric."""

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

import pandas as pd

from experiments.commands import train_folder
from experiments.grid import Grid, Training
from unlearnable_lightning.release import Release

NOISE = "noise"
METRICS = {"loss": 1, "error": 100}  # `error_pct` as the thesis counts it


def write(path: Path, folder: Path, profile: str, noises: list[Path], grid: Grid) -> None:
    """Writes the CSV file of all runs.

    Columns: train_data, training, augmentation, attack (on the test images), metric (`loss` or
    `error_pct`), last (weights of the last epoch), best (of the epoch with the best clean
    validation accuracy), seed, epochs, profile, device, wall_s (seconds of the training and its
    test), version.

    A noise is a row whose training is `noise`: metric `surrogate_error_pct`, epochs are rounds.

    Args:
        path: of the CSV file.
        folder: of the profile's runs.
        profile: its name.
        noises: the noise files.
        grid: what was run.
    """
    rows = [_noise_row(file, profile) for file in noises]
    rows += [row for run in grid.runs() for row in _rows(folder, profile, *run)]
    pd.DataFrame(rows).to_csv(path, index=False, float_format="%.6g")


def _noise_row(file: Path, profile: str) -> dict[str, Any]:
    noise = Release.load(file)
    error = noise.made_by["error"]
    return {
        "train_data": file.parents[1].name.replace("gray", "*"),
        "training": NOISE,
        "metric": "surrogate_error_pct",
        "last": None if error is None else 100 * error,
        "seed": noise.made_by["seed"],
        "epochs": noise.made_by["rounds"],
        "profile": profile,
        "wall_s": _seconds(file.parent),
        "version": noise.versions["unlearnable-lightning"],
    }


def _seconds(run: Path) -> float:
    """How long Snakemake waited for the run."""
    return float(pd.read_csv(run / "time.tsv", sep="\t")["s"].iloc[0])


def _rows(folder: Path, profile: str, training: Training, seed: int) -> Iterator[dict[str, Any]]:
    run = folder / train_folder(training.folder, seed)
    test = json.loads((run / "test.json").read_text())
    scores = {(row["weights"], row["attack"]): row for row in test["table"]}
    for attack in dict.fromkeys(attack for _, attack in scores):
        for metric, scale in METRICS.items():
            last, best = (
                scale * scores[weights, attack][metric] if (weights, attack) in scores else None
                for weights in ("last", "best")
            )
            yield {
                **vars(training),
                "attack": attack,
                "metric": "error_pct" if metric == "error" else metric,
                "last": last,
                "best": best,
                "seed": seed,
                "epochs": test["epochs"],
                "profile": profile,
                "device": test["device"],
                "wall_s": _seconds(run),
                "version": test["versions"]["unlearnable-lightning"],
            }


def read(path: Path) -> pd.DataFrame:
    """The trainings in the table that `write` wrote, with a column `run` of `Training`s added."""
    table = read_all(path)
    table = table[table["training"] != NOISE]
    columns = zip(table["train_data"], table["training"], table["augmentation"], strict=True)
    return table.assign(run=[Training(*values) for values in columns])


def read_all(path: Path) -> pd.DataFrame:
    """The whole table, noises too."""
    return pd.read_csv(path, keep_default_na=False, na_values=[""])  # an attack is called none


def errors_by_seed(table: pd.DataFrame) -> dict[Training, dict[int, float]]:
    """Clean error in per cent of each training after the last epoch, by seed.

    Args:
        table: from `read`.
    """
    clean = table[(table["attack"] == "none") & (table["metric"] == "error_pct")]
    groups = clean.groupby("run", sort=False)
    return {run: rows.set_index("seed")["last"].to_dict() for run, rows in groups}


def errors(table: pd.DataFrame) -> dict[Training, float]:
    """The same, mean over the seeds."""
    return {run: mean(by_seed.values()) for run, by_seed in errors_by_seed(table).items()}
