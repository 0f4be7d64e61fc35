"""The leaderboard: cells, shares, what is not run yet, and the page to click on."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from experiments import board
from experiments.board.scores import Treatment, read_board
from experiments.grid import Grid, read_grid
from experiments.results import COLUMNS

PROFILE: dict[str, Any] = {
    **{"name": "leaderboard-p", "about": "Small.", "threads": 1, "seeds": [0, 1]},
    **{"data": "elsewhere", "noise_of_each_seed": False},
    "noise": {"basis": "-c noise.yaml"},
    "train": {"images": {"plain": "-c train.yaml --data.path {data}"}},
}
GRID = """
page: words.yaml
clean:
  clean: {images: images}
noises:
  weak: {config: basis}
  strong: {config: basis, label: "strong <b>"}
defences:
  plain: {config: plain, label: none}
  mixup: {config: plain, arguments: -c mixup.yaml}
augmentations:
  crop: {}
  gray: {}
rows:
  - {source: No defence, training: plain, augmentation: crop}
  - {source: Pixels, training: plain, augmentation: gray+crop}
  - {source: Labels, training: mixup, augmentation: crop}
core:
  - {source: No defence}
"""
WORDS = """
title: Board
written_by: board
curves: true
published: Not ours.
legend: "*last*: the last epoch."
published_none:
  ISS: {weak: 71.5}
published_tables:
  ISS: {none: {EM: 21.05}, JPEG-10: {EM: 81.5}}
"""
ACCURACY = {  # by training data and treatment, of seed 0; seed 1 has 2 points more
    ("clean", "plain", "crop"): 90.0,
    ("weak", "plain", "crop"): 70.0,
    ("strong", "plain", "crop"): 10.0,
    ("clean", "plain", "gray+crop"): 82.0,
    ("weak", "plain", "gray+crop"): 82.0,
    ("strong", "plain", "gray+crop"): 64.0,
    ("clean", "mixup", "crop"): 90.0,
    ("weak", "mixup", "crop"): 30.0,
}
PLAIN, GRAY, MIXUP = (
    Treatment("plain", "crop"),
    Treatment("plain", "gray+crop"),
    Treatment("mixup", "crop"),
)


@pytest.fixture
def grid(tmp_path: Path) -> Grid:
    (tmp_path / "grid.yaml").write_text(GRID)
    (tmp_path / "words.yaml").write_text(WORDS)
    return read_grid(tmp_path / "grid.yaml", [0, 1])


@pytest.fixture
def table(tmp_path: Path, grid: Grid) -> Path:
    rows = []
    for training, seed in grid.runs():
        key = (training.train_data, training.training, training.augmentation)
        if key in ACCURACY:
            error = 100 - ACCURACY[key] - 2 * seed
            rows.append(
                {
                    **vars(training),
                    **{"attack": "none", "metric": "error_pct", "last": error, "best": error - 1},
                    **{"seed": seed, "wall_s": 20.0 if key[1] == "plain" else 30.0},
                    **{"device": "a CPU", "version": "1"},
                }
            )
    rows += [
        {"train_data": "weak", "training": "noise", "metric": name, "last": value, "wall_s": 7.0}
        for name, value in {"psnr": 35.0, "ssim": 0.97}.items()
    ]
    place = tmp_path / "results.csv"
    pd.DataFrame(rows, columns=COLUMNS).to_csv(place, index=False)
    curves = {"clean/plain/crop": {"training accuracy": [[0, 0.5], [1, 0.9]]}}
    place.with_name("curves.json").write_text(json.dumps(curves))
    return place


def test_the_share_taken_is_that_of_the_accuracy_above_chance(table: Path, grid: Grid) -> None:
    found = read_board(table, grid)
    assert found.share_taken("strong", PLAIN) == pytest.approx((80 / 80 + 80 / 82) / 2)
    assert found.share_taken("weak", GRAY) == pytest.approx(0)
    assert found.share_taken("strong", MIXUP) is None
    assert found.accuracy("weak", PLAIN) == pytest.approx(71)


def test_the_strongest_are_those_of_the_measured_cells(table: Path, grid: Grid) -> None:
    found = read_board(table, grid)
    assert found.strongest_defence("strong") == GRAY
    assert found.strongest_noise(MIXUP) == "weak"
    assert found.strongest_noise(PLAIN) == "strong"
    assert [found.title(each) for each in found.treatments] == ["no defence", "gray", "mixup"]


def test_times_of_two_devices_are_not_compared(table: Path, grid: Grid) -> None:
    assert read_board(table, grid).cost(MIXUP) == pytest.approx(1.5)
    rows = pd.read_csv(table, keep_default_na=False)
    rows.loc[rows["training"] == "mixup", "device"] = "a GPU"
    rows.to_csv(table, index=False)
    found = read_board(table, grid)
    assert found.cost(MIXUP) is None
    assert found.cost(GRAY) == pytest.approx(1.0)
    page = table.with_name("leaderboard.md")
    board.write(page, table, PROFILE, grid)
    assert "| mixup | weak | 75 | 90.0 | … |" in page.read_text()
    assert "trainings on a CPU, 0.0 hours for 2 trainings on a GPU" in page.read_text()


def test_the_page_shows_what_is_done_and_what_is_not(table: Path, grid: Grid) -> None:
    page = table.with_name("leaderboard.md")
    board.write(page, table, PROFILE, grid)
    lines = page.read_text().splitlines()
    assert "| weak | 71.0 ± 1.4 | 82.0 | 30.0 |" in lines
    assert "| strong <b> | 11.0 ± 1.4 | 64.0 | … |" in lines
    assert "| mixup | weak | 75 | 90.0 | 1.5 |" in lines
    assert "| weak | 71.0 ± 1.4 | gray | 82.0 | 0 | 7 |  |  | 35.0 | 0.970 |" in lines
    assert "| strong <b> | 11.0 ± 1.4 | gray | 64.0 | 25 | … |  |  |  |  |" in lines
    assert any("11 trainings are done" in line for line in lines)
    assert any("first is open: only gray is measured, on 2 of 2 noises" in line for line in lines)
    assert any("**strong <b>** takes most: it leaves 11.0 of 91.0 %" in line for line in lines)
    assert not any("survives most" in line for line in lines)  # a defence is not measured on it
    assert lines.index("## Published numbers, not ours") > lines.index("## Defences")


def test_two_defences_that_are_measured_on_both_noises_are_compared(
    table: Path, grid: Grid
) -> None:
    rows = pd.read_csv(table)
    more = rows[(rows.train_data == "weak") & (rows.training == "mixup")].copy()
    more["train_data"], more["last"] = "strong", 50.0
    pd.concat([rows, more]).to_csv(table, index=False)
    page = table.with_name("leaderboard.md")
    board.write(page, table, PROFILE, grid)
    lines = page.read_text().splitlines()
    assert any("try gray first" in line and "64.0 %" in line for line in lines)
    assert any("2 of 2 defences on 2 of 2 noises" in line for line in lines)
    assert any("82.0 instead of 91.0 % on clean images, and 1.0 times" in line for line in lines)
    assert any("**strong <b> survives most**" in line and "64.0 %" in line for line in lines)


def test_the_page_of_noises_says_what_they_do_and_change(table: Path, grid: Grid) -> None:
    profile = {**PROFILE, "notes": {"weak": "It is weak by design."}}
    board.write(table.with_name("leaderboard.md"), table, profile, grid)
    lines = table.with_name("noises.md").read_text().splitlines()
    row = "| weak | 71.0 ± 1.4 | 72.0 ± 1.4 | 20.0 | 7 |  |  | 35.0 | 0.970 |  |  |  | 71.5 |"
    assert row in lines
    assert "**weak.** It is weak by design." in lines
    assert any(line.startswith("unlearnable fit -c noise.yaml") for line in lines)


def test_a_noise_that_takes_little_is_named_until_a_note_explains_it(
    table: Path, grid: Grid
) -> None:
    board.write(table.with_name("leaderboard.md"), table, PROFILE, grid)
    assert "less than 40 points are taken: weak." in table.with_name("noises.md").read_text()


def test_a_whole_board_names_what_survives(table: Path, grid: Grid) -> None:
    rows = pd.read_csv(table)
    lacking = {"train_data": "strong", "training": "mixup", "augmentation": "crop"}
    more = {**lacking, "attack": "none", "metric": "error_pct", "last": 60.0, "seed": 0}
    pd.concat([rows, pd.DataFrame([more])]).to_csv(table, index=False)
    board.write(table.with_name("leaderboard.md"), table, PROFILE, grid)
    text = table.with_name("leaderboard.md").read_text()
    assert "**strong <b> survives most**: the best of these defences on it reaches 64.0 %" in text
    assert "2 of 2 defences on 2 of 2 noises" in text


def test_no_published_number_stands_in_a_table_of_ours_but_in_its_own_column(
    table: Path, grid: Grid
) -> None:
    page = table.with_name("leaderboard.md")
    board.write(page, table, PROFILE, grid)
    ours = page.read_text().partition("## Published numbers")[0]
    assert "81.5" not in ours
    assert "21.05" not in ours


def test_the_page_to_click_on_holds_every_cell_and_its_command(table: Path, grid: Grid) -> None:
    board.write(table.with_name("leaderboard.md"), table, PROFILE, grid)
    html = (table.parent / "leaderboard" / "leaderboard.html").read_text()
    script = re.search(r"const FACTS = (.*);\n", html)
    assert script is not None
    assert "<b>" not in script[1]
    assert "last: the last epoch." in html
    facts = json.loads(script[1])
    (shown,) = facts["boards"]
    assert shown["columns"] == ["no defence", "gray", "mixup"]
    cell = shown["cells"]["strong"][0]
    assert cell["last"] == {"0": 10.0, "1": 12.0}
    assert cell["command"].startswith("unlearnable fit -c train.yaml --data.path data")
    assert "elsewhere" not in html
    assert "last" not in shown["cells"]["strong"][2]
    assert facts["noise"] == {"weak": {"seconds": 7.0, "psnr": 35.0, "ssim": 0.97}}
    assert facts["noise"]["weak"].keys() <= facts["facts"].keys()
    assert shown["cells"]["clean"][0]["curves"] == {"training accuracy": [[0, 0.5], [1, 0.9]]}
    assert not re.search(r'(src|href)="', html)  # it needs no other file


def test_a_board_without_any_run_is_a_board_of_open_cells(tmp_path: Path, grid: Grid) -> None:
    table = tmp_path / "results.csv"
    pd.DataFrame([], columns=COLUMNS).to_csv(table, index=False)
    board.write(tmp_path / "leaderboard.md", table, PROFILE, grid)
    text = (tmp_path / "leaderboard.md").read_text()
    assert "0 trainings are done" in text
    assert "No defence is measured yet." in text
