"""A new noise or defence is a line of a grid's YAML: its own runs are added, no other changes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from experiments import figures
from experiments.commands import commands
from experiments.grid import Grid, read_grid
from experiments.words import read_words

PROFILE: dict[str, Any] = {
    **{"name": "small", "data": "d", "seeds": [0, 1], "noise_of_each_seed": False},
    "noise": {"basis": "-c noise.yaml --data.path {data}"},
    "train": {"images": {"plain": "-c train.yaml --data.path {data}"}},
}
GRID = """
clean:
  clean: {images: images, colour: black}
noises:
  S8: {config: basis, arguments: --model.epsilon 8/255, label: sample-wise, colour: blue}
defences:
  none: {config: plain, label: no defence}
  gray: {config: plain, arguments: -c configs/augment/grayscale.yaml}
rows:
  - {source: Benchmark, attack: [none, pgd]}
"""
NOISE = "  lsp: {config: basis, arguments: --model acme.LSP, label: LSP, colour: red}\n"
DEFENCE = "  mixup: {config: plain, arguments: -c configs/defence/mixup.yaml}\n"


def read(folder: Path, text: str) -> Grid:
    (folder / "grid.yaml").write_text(text)
    return read_grid(folder / "grid.yaml", PROFILE["seeds"])


def added(folder: Path, line: str, after: str) -> dict[str, str]:
    """The commands that a line adds; all others must be there, and be the same."""
    before = commands(PROFILE, read(folder, GRID))
    assert after in GRID
    more = commands(PROFILE, read(folder, GRID.replace(after, after + line)))
    assert before.items() <= more.items()
    return dict(more.items() - before.items())


def test_every_noise_meets_every_defence_with_every_seed(tmp_path: Path) -> None:
    assert sorted(commands(PROFILE, read(tmp_path, GRID))) == [
        "noise/S8/seed0",
        *(
            f"train/{data}/{defence}/none/seed{seed}"
            for data in ("S8", "clean")
            for defence in ("gray", "none")
            for seed in (0, 1)
        ),
    ]


def test_a_noise_is_a_line_and_trains_its_own_row(tmp_path: Path) -> None:
    new = added(tmp_path, NOISE, "noises:\n")
    trained = [f"train/lsp/{each}/none/seed{seed}" for each in ("gray", "none") for seed in (0, 1)]
    assert sorted(new) == ["noise/lsp/seed0", *trained]
    start = "unlearnable fit -c noise.yaml --data.path d --model acme.LSP --trainer"
    assert new["noise/lsp/seed0"].startswith(start)
    file = "--data.noise runs/small/noise/lsp/seed0/noise.safetensors"
    assert all(file in new[folder] for folder in trained)


def test_a_defence_is_a_line_and_trains_its_own_column(tmp_path: Path) -> None:
    new = added(tmp_path, DEFENCE, "defences:\n")
    assert sorted(new) == [
        f"train/{data}/mixup/none/seed{seed}" for data in ("S8", "clean") for seed in (0, 1)
    ]
    assert all("-c configs/defence/mixup.yaml" in command for command in new.values())


def test_a_noise_of_the_thesis_is_a_line_and_a_row(thesis: Grid, tmp_path: Path) -> None:
    """The same in the thesis's grid, whose rows are listed, at a profile of the project."""
    profiles = thesis.file.parents[1] / "profiles"
    profile = yaml.safe_load((profiles / "laptop.yaml").read_text())
    text = thesis.file.read_text().replace("../thesis_", f"{thesis.file.parents[1]}/thesis_")
    line = "  S16: {config: samplewise, arguments: -x 16}"
    text = text.replace("noises:\n", f"noises:\n{line}\n")
    row = "  - {source: More, train_data: S16, training: standard}\n"
    (tmp_path / "grid.yaml").write_text(text.replace("\nrows:\n", f"\nrows:\n{row}"))
    before = commands(profile, read_grid(thesis.file, profile["seeds"]))
    more = commands(profile, read_grid(tmp_path / "grid.yaml", profile["seeds"]))
    assert before.items() <= more.items()
    assert set(more) - set(before) == {"noise/S16/seed0", "train/S16/standard/none/seed0"}
    assert "/cifar10.npz -x 16 " in more["noise/S16/seed0"]


def test_a_grid_without_a_page_of_its_own_has_no_pictures_and_no_claims(tmp_path: Path) -> None:
    grid = read(tmp_path, GRID)
    words = read_words(grid)
    assert words.title == "the grid `grid`"
    assert figures.names(grid, words) == []


def test_without_core_all_rows_are_core(tmp_path: Path) -> None:
    assert all(cell.core for cell in read(tmp_path, GRID).rows)
    some = read(tmp_path, GRID + "core:\n  - {training: [gray]}\n")
    assert {cell.training.training for cell in some.rows if cell.core} == {"gray"}


@pytest.mark.parametrize("train_data", ["clean", "S8"])
def test_labels_are_those_of_the_entries(train_data: str, tmp_path: Path) -> None:
    grid = read(tmp_path, GRID)
    (training,) = {
        training
        for training, _ in grid.runs()
        if (training.train_data, training.training) == (train_data, "none")
    }
    label = "sample-wise" if train_data == "S8" else "clean"
    assert grid.names.labels(training) == (label, "no defence", "none")
