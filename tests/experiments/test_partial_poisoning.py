"""The page of partial poisoning: its rule, what is not run yet, and its picture."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from experiments import figures
from experiments.commands import commands
from experiments.grid import Grid, read_grid
from experiments.partial_poisoning import verdict, write
from experiments.results import COLUMNS
from experiments.words import read_words

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
PROFILE: dict[str, Any] = yaml.safe_load((EXPERIMENTS / "profiles/partial-laptop.yaml").read_text())


@pytest.fixture
def grid() -> Grid:
    return read_grid(EXPERIMENTS / "grids" / "partial.yaml", PROFILE["seeds"], PROFILE["only"])


@pytest.mark.parametrize(
    ("mixed", "part", "said"),
    [
        ({0: 60.0, 1: 62.0}, {0: 70.0, 1: 71.0}, "do harm"),
        ({0: 80.0, 1: 82.0}, {0: 70.0, 1: 71.0}, "still teach"),
        ({0: 69.0, 1: 72.0}, {0: 70.0, 1: 71.0}, "add nothing"),
        ({0: 68.0, 1: 69.0}, {0: 65.0, 1: 75.0}, "add nothing"),  # the larger spread counts
        ({0: 60.0}, {0: 70.0, 1: 71.0}, "open"),
        ({0: 60.0, 1: 62.0}, {0: 70.0}, "open"),
        ({}, {}, "open"),
    ],
)
def test_the_rule(mixed: dict[int, float], part: dict[int, float], said: str) -> None:
    assert verdict(mixed, part) == said


def rows_of(grid: Grid, accuracies: dict[tuple[str, str], float]) -> pd.DataFrame:
    """Two of three seeds; the second has 2 points more."""
    rows = [
        {**vars(training), "attack": "none", "metric": "error_pct", "seed": seed, "wall_s": 1.0}
        | {"last": 100 - accuracies[training.train_data, training.training] - 2 * seed}
        for training, seed in grid.runs()
        if (training.train_data, training.training) in accuracies and seed < 2
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def test_the_page_says_what_protected_images_do_and_what_is_not_run(
    grid: Grid, tmp_path: Path
) -> None:
    accuracies = {
        **{("clean", "standard"): 79.0, ("em", "standard"): 28.0, ("clean", "part-0.4"): 74.0},
        **{("em", "mixed-0.4"): 60.0, ("lsp", "mixed-0.4"): 77.0, ("em", "mixed-0.8"): 40.0},
    }
    table = tmp_path / "results.csv"
    rows_of(grid, accuracies).to_csv(table, index=False)
    write(tmp_path / "page.md", table, PROFILE, grid)
    text = (tmp_path / "page.md").read_text()
    em = text.partition("## EM")[2].partition("## LSP")[0]
    assert "| 0.4 | 61.0 ± 1.4 | 75.0 ± 1.4 | -14.0 | do harm |" in em
    assert "| 0.8 | 41.0 ± 1.4 | … | … | open |" in em
    assert "| 1 | 29.0 ± 1.4 |  |  |  |" in em
    assert "| 0.4 | 78.0 ± 1.4 | 75.0 ± 1.4 | +3.0 | still teach |" in text.partition("## LSP")[2]
    assert "**Not finished**: 12 of 45 trainings are done." in text
    assert "`make results PROFILE=partial-laptop DATA=FOLDER`" in text
    words = read_words(grid)
    assert figures.names(grid, words) == ["shares"]
    figures.draw(tmp_path, table, tmp_path, grid, words)
    assert (tmp_path / "shares.png").stat().st_size > 5000


def test_all_done_is_said(grid: Grid, tmp_path: Path) -> None:
    rows = [
        {**vars(training), "attack": "none", "metric": "error_pct", "seed": seed, "wall_s": 1.0}
        | {"last": 50.0}
        for training, seed in grid.runs()
    ]
    pd.DataFrame(rows, columns=COLUMNS).to_csv(tmp_path / "results.csv", index=False)
    write(tmp_path / "page.md", tmp_path / "results.csv", PROFILE, grid)
    text = (tmp_path / "page.md").read_text()
    assert "All 45 trainings are done." in text
    assert text.count("| add nothing |") == 8
    assert "…" not in text.partition("## EM")[2]


def test_the_runs_are_shared_with_the_leaderboard(grid: Grid) -> None:
    board = yaml.safe_load((EXPERIMENTS / "profiles/leaderboard-laptop.yaml").read_text())
    whole = read_grid(EXPERIMENTS / "grids" / "leaderboard.yaml", board["seeds"])
    theirs, ours = commands(board, whole), commands(PROFILE, grid)
    shared = ours.keys() & theirs.keys()
    assert {key: ours[key] for key in shared} == {key: theirs[key] for key in shared}
    assert {f"noise/{name}/seed0" for name in ("em", "lsp")} <= shared
    assert {f"train/{data}/standard/crop_flip/seed2" for data in ("clean", "em", "lsp")} <= shared
    assert all("/mixed-" in key or "/part-" in key for key in ours.keys() - shared)


def test_mix_and_clean_part_take_the_same_share(grid: Grid) -> None:
    ours = commands(PROFILE, grid)
    for share in ("0.2", "0.4", "0.6", "0.8"):
        assert f"--data.poison_rate {share} " in ours[f"train/em/mixed-{share}/crop_flip/seed0"]
        assert f"--data.leave_out {share} " in ours[f"train/clean/part-{share}/crop_flip/seed0"]
