"""The page of surrogates: what is computed of the numbers, and a page before the end."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from experiments import figures, surrogates
from experiments.board.scores import Board, Treatment, board_of
from experiments.grid import Grid, read_grid
from experiments.results import COLUMNS, read_all
from experiments.surrogates.correlation import rank_correlation
from experiments.surrogates.restored import differs_from_thesis, share_restored
from experiments.training import Training
from experiments.words import read_words

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
PROFILE: dict[str, Any] = yaml.safe_load(
    (EXPERIMENTS / "profiles/surrogates-laptop.yaml").read_text()
)
PLAIN, GRAY, JPEG, GAUSSIAN = (
    Treatment("standard", augmentation)
    for augmentation in (
        *("crop_flip", "grayscale+crop_flip", "jpeg-10+crop_flip"),
        "gaussian_noise-0.10+crop_flip",
    )
)
CLEAN = 80.0  # per cent, whatever the defence, unless a test says otherwise
NOISES = ("resnet_small", "cnn_pooled", "cnn_strided", "m-20", "t-20", "cnn_pooled-m-20")


@pytest.fixture
def grid() -> Grid:
    return read_grid(EXPERIMENTS / "grids" / "surrogates.yaml", PROFILE["seeds"])


def training_row(data: str, treatment: Treatment, accuracy: float) -> dict[str, Any]:
    return {
        **vars(Training(data, *treatment)),
        **{"attack": "none", "metric": "error_pct", "last": 100 - accuracy, "seed": 0},
        **{"wall_s": 10.0, "device": "a GPU", "version": "1"},
    }


def noise_rows(
    name: str, facts: Mapping[str, float], seconds: float = 60.0
) -> list[dict[str, Any]]:
    about = {"train_data": name, "training": "noise", "seed": 0, "wall_s": seconds, "version": "1"}
    return [{**about, "metric": metric, "last": value} for metric, value in facts.items()]


def table_of(folder: Path, rows: list[dict[str, Any]]) -> Path:
    pd.DataFrame(rows, columns=COLUMNS).to_csv(folder / "results.csv", index=False)
    return folder / "results.csv"


def board_with(
    grid: Grid, folder: Path, on_noise: Mapping[Treatment, float], clean: float = CLEAN
) -> Board:
    rows = [training_row("clean", each, clean) for each in (PLAIN, GRAY, JPEG, GAUSSIAN)]
    rows += [training_row("m-20", each, accuracy) for each, accuracy in on_noise.items()]
    return board_of(read_all(table_of(folder, rows)), grid)


@pytest.mark.parametrize(
    ("plain", "gray", "restored"),
    [
        (10.0, 80.0, 1.0),
        (10.0, 10.0, 0.0),
        (24.0, 52.0, 0.5),
        (24.0, 10.0, -0.25),  # it takes more with grayscale
        (60.0, 80.0, None),  # 29 % are little to restore
        (10.0, None, None),
        (None, 80.0, None),
    ],
)
def test_what_is_restored_is_a_part_of_what_the_noise_takes(
    grid: Grid, tmp_path: Path, plain: float | None, gray: float | None, restored: float | None
) -> None:
    found = {PLAIN: plain, GRAY: gray}
    board = board_with(
        grid, tmp_path, {each: value for each, value in found.items() if value is not None}
    )
    assert share_restored(board, "m-20", GRAY) == (
        None if restored is None else pytest.approx(restored)
    )


@pytest.mark.parametrize(
    ("accuracies", "wrong"),
    [
        ((10, 79, 79, 12), []),
        ((10, 60, 79, 12), [GRAY]),
        ((10, 79, 40, 75), [JPEG, GAUSSIAN]),
        ((60, 79, 79, 78), [PLAIN, GAUSSIAN]),
        ((10, 79, 79), None),
    ],
    ids=str,
)
def test_the_thesis_has_four_rules(
    grid: Grid, tmp_path: Path, accuracies: tuple[float, ...], wrong: list[Treatment] | None
) -> None:
    each = dict(zip((PLAIN, GRAY, JPEG, GAUSSIAN), accuracies, strict=False))
    assert differs_from_thesis(board_with(grid, tmp_path, each), "m-20") == wrong


def test_rank_correlation_is_that_of_the_ranks() -> None:
    first, second = [1.0, 5.0, 2.0, 8.0, 3.0, 3.0], [10.0, 1e6, 30.0, 40.0, 20.0, 25.0]
    found = rank_correlation(first, second)
    ranks = ([1, 5, 2, 6, 3.5, 3.5], [1, 6, 4, 5, 2, 3])
    assert found is not None
    assert found.rho == pytest.approx(np.corrcoef(*ranks)[0, 1])
    assert found.count == 6


def test_chance_gives_one_of_60_orders_of_five_points_either_way() -> None:
    found = rank_correlation([1, 2, 3, 4, 5], [50, 40, 30, 20, 10])
    assert found is not None
    assert found.rho == pytest.approx(-1)
    assert found.chance == pytest.approx(2 / 120, abs=0.005)
    assert found.shown
    weak = rank_correlation([1, 2, 3, 4, 5], [10, 30, 20, 50, 40])
    assert weak is not None
    assert weak.rho == pytest.approx(0.8)
    assert not weak.shown


@pytest.mark.parametrize(
    ("first", "second"), [([], []), ([1, 2, 3, 4], [1, 2, 3, 4]), ([1] * 6, [1, 2, 3, 4, 5, 6])]
)
def test_too_few_points_or_a_constant_have_no_order(
    first: list[float], second: list[float]
) -> None:
    assert rank_correlation(first, second) is None


def page(folder: Path, grid: Grid, rows: list[dict[str, Any]]) -> str:
    """The page of these rows, with its picture drawn."""
    table = table_of(folder, rows)
    grid = replace(grid, done=frozenset((run, 0) for run in read_all(table)["run"]))
    figures.draw(folder, table, folder, grid, read_words(grid))
    assert (folder / "restored.png").stat().st_size > 3000
    surrogates.write(folder / "page.md", table, PROFILE, grid)
    return (folder / "page.md").read_text()


def with_gray(accuracies: list[float]) -> list[dict[str, Any]]:
    """Noises whose luma share grows from one to the next, with these accuracies with grayscale."""
    rows = [training_row("clean", each, CLEAN) for each in (PLAIN, GRAY)]
    for number, (name, accuracy) in enumerate(zip(NOISES, accuracies, strict=True)):
        rows += noise_rows(name, {"luma_share": 0.1 + 0.1 * number})
        rows += [training_row(name, PLAIN, 12), training_row(name, GRAY, accuracy)]
    return rows


@pytest.mark.parametrize(
    ("accuracies", "said"),
    [
        ([79, 70, 60, 50, 40, 30], "the more colourful a noise is, the more grayscale restores"),
        ([30, 40, 50, 60, 70, 79], "the less colourful a noise is, the more grayscale restores"),
        ([50, 30, 79, 20, 60, 40], "no order is shown"),
    ],
    ids=["more", "less", "none"],
)
def test_the_page_says_of_colour_what_the_numbers_say(
    grid: Grid, tmp_path: Path, accuracies: list[float], said: str
) -> None:
    text = page(tmp_path, grid, with_gray(accuracies))
    assert f"**{said}**" in text
    assert "Over 6 noises the rank correlation" in text


def test_the_page_before_the_end_says_what_is_not_measured(grid: Grid, tmp_path: Path) -> None:
    rows = [training_row("clean", PLAIN, CLEAN), training_row("m-20", PLAIN, 12)]
    rows += noise_rows("m-20", {"rounds": 8, "surrogate_error_pct": 3.25, "luma_share": 0.31})
    text = page(tmp_path, grid, rows)
    assert f"**Not finished**: 2 of {len(list(grid.runs()))} trainings are done." in text
    assert "| M = 20 | 8 | 3.25 | 0.31 | … | … | … | 12.0 | … | … | … | … | … |" in text
    assert "| LeNet | … | … | … | … | … | … | … | … | … | … | … | … |" in text
    assert "| clean |  |  |  |  |  |  | 80.0 | … | … | … |  |  |" in text
    assert "is open: fewer than 5 strong noises" in text
    assert "Which noise behaves as the thesis's is open" in text
    assert "`make results PROFILE=surrogates-laptop DATA=FOLDER`" in text


def test_nothing_measured_is_a_page_too(grid: Grid, tmp_path: Path) -> None:
    text = page(tmp_path, grid, [])
    assert f"**Not finished**: 0 of {len(list(grid.runs()))} trainings are done." in text
    assert "measured on nothing yet" in text


def test_the_cheapest_noise_like_the_thesis_s_is_named(grid: Grid, tmp_path: Path) -> None:
    rows = [training_row("clean", each, CLEAN) for each in (PLAIN, GRAY, JPEG, GAUSSIAN)]
    for name, gray, seconds in (("m-20", 30, 5), ("m-400", 78, 90), ("cnn_pooled", 78, 40)):
        rows += noise_rows(name, {"luma_share": 0.3}, seconds)
        rows += [
            training_row(name, each, accuracy)
            for each, accuracy in ((PLAIN, 12), (GRAY, gray), (JPEG, 78), (GAUSSIAN, 14))
        ]
    text = page(tmp_path, grid, rows)
    assert "**pooled CNN** is the cheapest noise that behaves as the thesis's, in 40 s. " in text
    noises = len(grid.names.noises)
    assert f"All that do: pooled CNN, M = 400 (3 of {noises} noises" in text
    assert "| 97 | **yes** |" in text
    assert "| 26 | not grayscale |" in text
    without = [row for row in rows if row["train_data"] in ("clean", "m-20")]
    text = page(tmp_path, grid, without)
    assert "**No noise behaves as the thesis's**" in text
    assert "Grayscale restores most of M = 20: 26 %" in text


def test_the_cost_is_sorted_and_counts_the_victims_that_lose_much(
    grid: Grid, tmp_path: Path
) -> None:
    lenet = Treatment("lenet", "crop_flip")
    rows = [training_row("clean", PLAIN, 80), training_row("clean", lenet, 65)]
    rows += noise_rows("t-20", {"steps": 20, "step_size": 8 / 2550, "model_steps": 100}, 99)
    rows += noise_rows("m-20", {"steps": 5, "step_size": 8 / 1275, "model_steps": 20}, 33)
    rows += [training_row("t-20", PLAIN, 12), training_row("t-20", lenet, 16)]
    rows += [training_row("m-20", PLAIN, 50)]
    cost = page(tmp_path, grid, rows).partition("## Cost against strength")[2]
    lines = [line for line in cost.splitlines() if line.startswith(("| M", "| T"))]
    assert lines == [
        "| M = 20 | a GPU | 5 | 1.6 | 20 | … | 33 | 1 of 6 | 50.0 | 50.0 | 50.0 | 0 of 1 |",
        "| T = 20 of epsilon / 10 | a GPU | 20 | 0.8 | 100 | … | 99 | 2 of 6 | 14.0 | 12.0 | 16.0 "
        "| 1 of 2 |",
    ]
