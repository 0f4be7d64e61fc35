"""The page: ours beside the thesis's, spreads, verdicts, and what was not measured."""

from dataclasses import replace
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest

from experiments import figures, page, results
from experiments.figures.bars import draw as draw_bars
from experiments.grid import read_grid
from experiments.tables import spread
from experiments.words import read_words

GRID = read_grid(Path(__file__).parents[2] / "experiments" / "grids" / "thesis.yaml", [0, 1, 2])
WORDS = read_words(GRID)
BARS = [name for name, figure in WORDS.figures.items() if figure.drawn_by == "bars"]
PROFILE = {
    **{"name": "p", "about": "Small.", "threads": 1, "noise_of_each_seed": False},
    "findings": {"grayscale": "Because."},
}


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Every run of the grid; errors are the thesis's, but grayscale restores nothing."""
    published, rows = GRID.published_errors(), []
    for training, seed in GRID.runs():
        error = published.get(training, 50.0) + seed
        if training.augmentation == "grayscale+crop_flip" and training.train_data != "clean":
            error = 85.0
        rows.append(
            {
                **vars(training),
                **{"attack": "none", "metric": "error_pct", "last": error, "best": error - 1},
                **{"seed": seed, "epochs": 9, "profile": "p", "device": "a CPU"},
                **{"wall_s": 60.0, "version": "0.1.0"},
            }
        )
    pd.DataFrame(rows).to_csv(tmp_path / "results.csv", index=False)
    return tmp_path / "results.csv"


@pytest.fixture
def text(table: Path) -> str:
    page.write(table.with_name("results.md"), table, PROFILE, GRID)
    return table.with_name("results.md").read_text()


def test_a_row_has_our_mean_and_spread_beside_the_published_number(text: str) -> None:
    row = "| S8 | standard | crop_flip | clean images, error % | 76.8 ± 1.0 | 75.8 ± 1.0 | 75.78 |"
    assert row in text.splitlines()


def test_a_number_read_off_a_figure_says_so(text: str) -> None:
    assert any("jpeg-c80" in line and "| ≈ 15.8 |" in line for line in text.splitlines())


def test_a_claim_that_fails_says_why(text: str) -> None:
    (row,) = (line for line in text.splitlines() if line.startswith("| Grayscale restores"))
    assert row.endswith("| **fails** |")
    assert "**Grayscale restores sample-wise data.** Because." in text


def test_a_failure_that_nobody_explained_says_so(table: Path) -> None:
    path = table.with_name("results.md")
    page.write(path, table, PROFILE | {"findings": {}}, GRID)
    assert "The reason is not found yet." in path.read_text()


def test_the_page_says_what_was_measured_on_what(text: str) -> None:
    head = text.split("##")[0]
    assert "a CPU" in head
    assert "make results PROFILE=p" in head
    count = len(list(GRID.runs()))
    assert f"{count} of the {count} trainings" in head
    assert "0, 1, 2 for the core rows" in head


def test_every_figure_of_the_grid_is_on_the_page(text: str) -> None:
    names = figures.names(GRID, WORDS)
    assert set(BARS) < set(names)
    assert all(f"](results/{name}.png)" in text for name in names)


def test_core_rows_alone_leave_the_rest_unmeasured(table: Path) -> None:
    path = table.with_name("results.md")
    core = replace(GRID, core=True)
    rows = results.read(table)
    rows[rows["run"].isin([run for run, _ in core.runs()])].drop(columns="run").to_csv(
        table, index=False
    )
    page.write(path, table, PROFILE | {"rows": "core"}, core)
    text = path.read_text()
    assert "ROWS=core" in text
    assert f"84 of the {len(list(GRID.runs()))} trainings" in text
    (jpeg,) = (line for line in text.splitlines() if line.startswith("| JPEG restores"))
    assert jpeg.endswith("| open |")
    assert "Table 3.6" not in text.split("## The tables")[1]


@pytest.mark.parametrize("name", BARS)
def test_bars_hold_our_numbers_and_the_outlines_the_published_ones(
    name: str, table: Path, tmp_path: Path
) -> None:
    mpl.use("Agg")
    figure = WORDS.figures[name]
    drawn = draw_bars(figure, results.read(table), tmp_path, GRID)
    heights = [bar.get_height() for bar in drawn.axes[0].patches]
    cells = [c for c in GRID.cells() if c.source == figure.source and c.value is not None]
    assert {c.value for c in cells} <= set(heights)
    assert len(heights) == 2 * 7 * 3  # ours and theirs, data sets, levels


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], ""), ([1.26], "1.3"), ([1.0, 3.0], "2.0 ± 1.4"), ([1.0, float("nan")], "1.0")],
)
def test_a_spread_needs_two_values(values: list[float], expected: str) -> None:
    assert spread(pd.Series(values, dtype=float)) == expected
