"""Every run in one tidy table: a row per noise, and per training, attack and metric."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from statistics import mean
from typing import Any

import pandas as pd

from experiments import record
from experiments.commands import noise_folder, train_folder
from experiments.grid import Grid
from experiments.training import Training
from unlearnable_lightning.report.test_result import AttackResult, TestResult

NOISE = "noise"
COLUMNS = [
    *("train_data", "training", "metric", "last", "seed", "epochs", "profile", "wall_s"),
    *("version", "augmentation", "attack", "best", "device"),
]
CHOSEN = "error_pct_"  # and the name of the weights that a rule chose, where there are several
INSPECTED = "inspect.json"
FACTS: dict[str, Callable[[dict[str, Any]], float | None]] = {
    "l2": lambda of: of["sizes"]["l2_grey_levels"]["mean"] / 255,
    "linf": lambda of: of["sizes"]["linf_grey_levels"]["mean"],
    "psnr": lambda of: of["psnr"],
    "ssim": lambda of: of["ssim"],
    "class_mean_share": lambda of: of["class_mean_share"],
    "luma_share": lambda of: None if of["colour"] is None else of["colour"]["luma_share"],
    "red_green": lambda of: None if of["colour"] is None else of["colour"]["red_green"],
    "red_blue": lambda of: None if of["colour"] is None else of["colour"]["red_blue"],
    "low_share": lambda of: of["spectrum"]["low_share"],
    "separable_pct": lambda of: 100 * of["separability"]["none"]["accuracy"]["held_out"],
}


def write(
    path: Path, folder: Path, profile: str, noises: Iterable[tuple[str, int]], grid: Grid
) -> None:
    """Writes the CSV file of all runs.

    Columns: train_data, training, augmentation, attack (on the test images), metric (`loss` or
    `error_pct`), last (weights of the last epoch), best (of the epoch with the best clean
    validation accuracy), seed, epochs, profile, device, wall_s (seconds of the training and its
    test), version.

    Weights that other rules chose (`best_knee` and the like) are a row more each, of clean images
    and no `best`: metric `error_pct_best_knee`.

    A noise is a row whose training is `noise`: metric `surrogate_error_pct`, epochs are rounds; a
    row more for each of `rounds`, `steps`, `model_steps` and `step_size` (in pixels of [0, 1]) that
    it was made with; and one for each measure of `FACTS`, if it was inspected, else those that its
    log has.

    Args:
        path: of the CSV file.
        folder: of the profile's runs.
        profile: its name.
        noises: name and seed of each.
        grid: what was run.
    """
    rows = [
        row
        for name, seed in noises
        for row in _noise_rows(name, folder / noise_folder(grid, name, seed), profile)
    ]
    for training, seed in grid.runs():
        run = folder / train_folder(grid, training, seed)
        about = {"seed": seed, "profile": profile}
        rows += [{**vars(training), **about, **scores} for scores in _scores(run)]
    pd.DataFrame(rows, columns=COLUMNS).to_csv(path, index=False, float_format="%.6g")


def _noise_rows(name: str, run: Path, profile: str) -> Iterator[dict[str, Any]]:
    noise = record.read(run)
    made_by = noise["made_by"]
    error = made_by.get("error")
    about = {
        "train_data": name,
        "training": NOISE,
        "seed": made_by.get("seed"),
        "epochs": made_by.get("rounds"),
        "profile": profile,
        "wall_s": _seconds(run),
        "version": noise["versions"]["unlearnable-lightning"],
    }
    surrogate = None if error is None else 100 * error
    found = {"surrogate_error_pct": surrogate, **_settings(made_by)}
    known = {name: value for name, value in noise["logged"].items() if name in FACTS}
    for metric, value in {**found, **known, **_inspected(run)}.items():
        yield {**about, "metric": metric, "last": value}


def _settings(made_by: Mapping[str, Any]) -> dict[str, float]:
    """What a noise was told of its rounds, and how many there were; nothing of a closed form."""
    from unlearnable_lightning.pixels import as_pixels, as_step

    arguments = made_by.get("arguments", {})
    found = {name: arguments.get(name) for name in ("steps", "model_steps")}
    found["rounds"] = made_by.get("rounds")
    if isinstance(step_size := arguments.get("step_size"), float | str):
        found["step_size"] = as_step(step_size, as_pixels(arguments["epsilon"]))
    return {name: value for name, value in found.items() if value is not None}


def _inspected(run: Path) -> dict[str, float | None]:
    """The measures of a noise; none if the profile does not inspect."""
    path = run / INSPECTED
    if not path.exists():
        return {}
    measures: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["measures"]
    return {name: take(measures) for name, take in FACTS.items()}


def _seconds(run: Path) -> float:
    """How long Snakemake waited for the run."""
    return float(pd.read_csv(run / "time.tsv", sep="\t")["s"].iloc[0])


def _scores(run: Path) -> Iterator[dict[str, Any]]:
    """A row per attack and metric, of the last weights and, if there are any, of the best."""
    result = TestResult.load(run / "test.json")
    about = {
        "epochs": result.epochs,
        "device": f"{result.device}, bfloat16" if "bf16" in result.precision else result.device,
        "wall_s": _seconds(run),
        "version": result.versions["unlearnable-lightning"],
    }
    found = {(row.weights, row.attack): row for row in result.table}
    for attack in dict.fromkeys(row.attack for row in result.table):
        last, best = (_metrics(found.get((weights, attack))) for weights in ("last", "best"))
        for metric in ("loss", "error_pct"):
            scores = {"last": last.get(metric), "best": best.get(metric)}
            yield {"attack": attack, "metric": metric, **scores, **about}
    for (weights, attack), row in found.items():
        if attack == "none" and weights.startswith("best_"):
            error = _metrics(row)["error_pct"]
            yield {"attack": attack, "metric": f"{CHOSEN}{weights}", "last": error, **about}


def _metrics(row: AttackResult | None) -> dict[str, float]:
    """By name; the error in per cent, as the thesis counts it."""
    return {} if row is None else {"loss": row.loss, "error_pct": 100 * row.error}


def time_taken(runs: pd.DataFrame) -> str:
    """The hours of the trainings on each device, and of the noises.

    Args:
        runs: of `read_all`, a row for each run.
    """
    trained = runs[runs["training"] != NOISE].groupby("device")
    noises = runs[runs["training"] == NOISE]["wall_s"].sum() / 3600
    hours = [
        f"{rows['wall_s'].sum() / 3600:.1f} hours for {len(rows)} "
        f"training{'s' * (len(rows) != 1)} on {name}"
        for name, rows in trained
    ]
    return ", ".join([*hours, f"{noises:.1f} hours for the noises"])


def read(path: Path) -> pd.DataFrame:
    """The trainings in the table that `write` wrote."""
    return trainings(read_all(path))


def read_all(path: Path) -> pd.DataFrame:
    """The whole table, noises too, with a column `run` of `Training`s added."""
    table = pd.read_csv(path, keep_default_na=False, na_values=[""])  # an attack is called none
    columns = zip(table["train_data"], table["training"], table["augmentation"], strict=True)
    return table.assign(run=[Training(*values) for values in columns])


def trainings(table: pd.DataFrame) -> pd.DataFrame:
    """Those of the whole table; a noise is none."""
    return table[table["training"] != NOISE]


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
