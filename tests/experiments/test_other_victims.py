"""Victims, choices of an epoch and priors: sections of a grid that leave the others as they are."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from experiments import board, results
from experiments.board.scores import read_board
from experiments.commands import commands
from experiments.grid import Grid, read_grid
from experiments.results import COLUMNS
from experiments.training import Training
from unlearnable_lightning import UnlearnableError

PROFILE: dict[str, Any] = {
    **{"name": "p", "about": "Small.", "threads": 1, "seeds": [0, 1], "data": "d"},
    "noise_of_each_seed": False,
    "noise": {"basis": "-c noise.yaml"},
    "train": {"images": {"plain": "-c train.yaml"}, "drawn": {"plain": "-c drawn.yaml"}},
}
BEFORE = """
clean: {clean: {images: images}}
noises: {em: {config: basis, label: EM}}
defences: {plain: {config: plain, label: none}}
rows:
  - {source: No defence, training: plain}
"""
MORE = BEFORE.replace(
    "rows:\n",
    """
priors: {shapes: {images: drawn}}
victims:
  vgg: {config: plain, arguments: --model.model vgg, label: VGG}
  prior: {config: plain, weights_of: {train_data: shapes, training: plain}, label: pretrained}
choices:
  choice: {config: plain, arguments: --model.best_by knee}
rows:
  - {source: Victims, training: [vgg, prior]}
  - {source: Epochs, training: choice}
""",
)
MORE += "core: [{source: No defence}]\n"


def read(folder: Path, text: str, **more: Any) -> Grid:
    (folder / "grid.yaml").write_text(text)
    return read_grid(folder / "grid.yaml", [0, 1], **more)


def test_victims_add_their_runs_and_change_no_other(tmp_path: Path) -> None:
    before = commands(PROFILE, read(tmp_path, BEFORE))
    more = commands(PROFILE, read(tmp_path, MORE))
    assert before.items() <= more.items()
    rows = [f"{data}/{name}" for data in ("clean", "em") for name in ("vgg", "prior", "choice")]
    new = {f"train/{row}/none/seed0" for row in [*rows, "shapes/plain"]}
    assert more.keys() - before.keys() == new


def test_a_pretrained_victim_starts_from_a_training_of_the_workflow(tmp_path: Path) -> None:
    grid = read(tmp_path, MORE)
    made = commands(PROFILE, grid)
    file = "--model.weights runs/p/train/shapes/plain/none/seed0/checkpoints/last.ckpt"
    assert {folder for folder, command in made.items() if file in command} == {
        "train/clean/prior/none/seed0",
        "train/em/prior/none/seed0",
    }
    assert made["train/shapes/plain/none/seed0"].startswith("unlearnable fit -c drawn.yaml")
    assert grid.pretraining_runs() == [(Training("shapes", "plain"), 0)]


def test_a_profile_keeps_the_victims_that_it_names(tmp_path: Path) -> None:
    grid = read(tmp_path, MORE, victims=["vgg"])
    trained = {training.training for training, _ in grid.runs()}
    assert trained == {"plain", "vgg", "choice"}
    assert grid.pretraining_runs() == []
    with pytest.raises(UnlearnableError, match="victims: 'vg' is no entry of victims"):
        read(tmp_path, MORE, victims=["vg"])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  vgg:", "  plain:", "victims: plain: defences has that name too"),
        ("label: VGG", "folder: plain", "vgg and defences: plain have one folder, 'plain'"),
        ("choice:", "vgg:", "choices: vgg: victims has that name too"),
        ("{shapes:", "{em:", "priors: em: noises has that name too"),
        ("{images: drawn}", "{images: drawn, folder: em}", "shapes and noises: em have one folder"),
        ("train_data: shapes", "train_data: shape", "weights_of: 'shape' is no entry of"),
        ("train_data: shapes, ", "", "give train_data, training, augmentation"),
        ("train_data: shapes,", "data: shapes,", "give train_data, training, augmentation"),
        ("training: plain}, label: p", "training: prior}, label: p", "'prior' starts from weights"),
    ],
)
def test_what_is_not_right_is_refused(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in MORE
    with pytest.raises(UnlearnableError, match=said):
        read(tmp_path, MORE.replace(old, new))


@pytest.fixture
def page(tmp_path: Path) -> str:
    """Of a board with a victim and a choice that are half done."""
    grid = read(tmp_path, MORE)
    found = {
        **{("clean", "plain"): 10.0, ("em", "plain"): 70.0, ("clean", "vgg"): 20.0},
        **{("em", "vgg"): 62.0, ("em", "choice"): 71.0},
    }
    rows = [
        {"train_data": data, "training": name, "augmentation": "none", "attack": "none"}
        | {"metric": metric, "last": value, "best": best, "seed": 0, "wall_s": 1.0}
        for (data, name), error in found.items()
        for metric, value, best in [("error_pct", error, error - 5)]
    ]
    choice = {**rows[-1], "best": None}
    rows += [
        {**choice, "metric": f"error_pct_best_{rule}", "last": value}
        for rule, value in {"knee": 66.0, "epoch_1": 55.0}.items()
    ]
    table = tmp_path / "results.csv"
    pd.DataFrame(rows, columns=COLUMNS).to_csv(table, index=False)
    assert read_board(table, grid).share_taken("em", read_board(table, grid).victims[1]) == 0.6
    board.write(tmp_path / "leaderboard.md", table, PROFILE, grid)
    return (tmp_path / "leaderboard.md").read_text()


def test_victims_are_a_table_of_their_own(page: str) -> None:
    first, _, second = page.partition("## Other victims")
    assert "VGG" not in first
    assert "| trained on | the victim above | VGG | pretrained |" in second
    assert "| clean | 90.0 | 80.0 | … |" in second
    assert "| EM | 30.0 | 38.0 | … |" in second
    assert "| EM | 75 | 60 | … |" in second


def test_choices_of_an_epoch_stand_side_by_side(page: str) -> None:
    section = page.partition("## Choice of the epoch")[2]
    assert "| last | epoch 1 | knee | best, poisoned | best, clean (oracle) |" in section
    assert "| EM | 29.0 | 45.0 | 34.0 | … | 34.0 |" in section
    assert "| clean | … | … | … | … | … |" in section


def test_the_page_to_click_on_has_both_tables(page: str, tmp_path: Path) -> None:
    html = (tmp_path / "leaderboard" / "leaderboard.html").read_text()
    facts = json.loads(html.partition("const FACTS = ")[2].partition(";\n")[0])
    titles = [shown["title"] for shown in facts["boards"]]
    assert titles == ["Defences", "Other victims, without a defence"]
    assert facts["boards"][1]["cells"]["em"][1]["last"] == {"0": 38.0}


def test_every_choice_is_a_row_of_the_table_of_runs(tmp_path: Path) -> None:
    grid = read(tmp_path, MORE)
    run = tmp_path / "train" / "em" / "choice" / "none" / "seed0"
    run.mkdir(parents=True)
    weights = {"last": 0.3, "best": 0.5, "best_knee": 0.4}
    rows = [
        {"weights": name, "attack": attack, "loss": 1.0, "accuracy": value, "error": 1 - value}
        for name, value in weights.items()
        for attack in ("none", "pgd")
    ]
    versions = {"unlearnable-lightning": "1"}
    (run / "test.json").write_text(json.dumps({"table": rows, "versions": versions}))
    (run / "time.tsv").write_text("s\th:m:s\n12.5\t0:00:12\n")
    done = frozenset([(Training("em", "choice"), 0)])
    part = Grid(grid.names, grid.rows, grid.seeds, done=done)
    results.write(tmp_path / "results.csv", tmp_path, "p", [], part)
    found = results.read_all(tmp_path / "results.csv").set_index(["metric", "attack"])
    assert found.loc[("error_pct_best_knee", "none"), "last"] == pytest.approx(60)
    assert len(found) == 5
    assert results.errors(results.read(tmp_path / "results.csv")) == {
        Training("em", "choice"): pytest.approx(70)
    }
