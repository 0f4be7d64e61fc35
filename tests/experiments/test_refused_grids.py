"""A grid or a profile that is not right is refused before anything runs, and says why."""

from pathlib import Path
from typing import Any

import pytest

from experiments.claims import read_claims
from experiments.commands import commands
from experiments.grid import Grid, read_grid
from experiments.words import read_words
from unlearnable_lightning import UnlearnableError

GRID = """
clean: {clean: {images: images}}
noises: {S8: {config: basis}}
defences: {none: {config: plain}}
augmentations: {flip: {arguments: -c flip.yaml}}
rows: [{source: Table, augmentation: [none, flip+flip]}]
"""
PAGE = "title: A page\nfigures: {one: {drawn_by: bars, title: One}}\n"
CLAIMS = """
clean: clean
chance_error: 90
claims:
  works:
    {text: It works., rule: at least half, at_least: 0.5, cases: [{train_data: S8, training: none}]}
"""


def read(folder: Path, text: str, **more: Any) -> Grid:
    (folder / "grid.yaml").write_text(text)
    return read_grid(folder / "grid.yaml", [0], **more)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("noises:", "noise:", "unknown key 'noise'"),
        ("config: basis", "confg: basis", "unknown key 'confg'"),
        ("{config: basis}", "{}", "'config' is missing"),
        ("{images: images}", "{}", "'images' is missing"),
        ("{config: basis}", "{config: basis, colour: 3}", "3 is no text"),
        ("rows:", "victims: {v: {config: plain, weights_of: {a: 8}}}\nrows:", "8 is no text"),
        ("{config: basis}", "basis", "give `{key: value}`"),
        ("S8:", "S8*:", "no folder that a shell takes"),
        ("S8:", "S8/x:", "no folder that a shell takes"),
        ("S8:", "..:", "no folder that a shell takes"),
        ("{config: basis}", "{config: basis, colour: blu}", "'blu' is no colour"),
        ("{clean: {images: images}}", "{}", "clean: has no entry"),
        ("{S8: {config: basis}}", "[S8]", "give entries"),
        ("augmentation: [none, flip+flip]", "augmentation: []", "name at least one"),
        ("{source: Table, augmentation: [none, flip+flip]}", "Table", "give `{key: value}`"),
        ("source: Table, augmentation: [none, flip+flip]", "file: no.csv", "there is no "),
        ("source: Table", "source: Table, file: no.csv", "unknown key '(source|augmentation)'"),
        ("{S8: {config: basis}}", "{A: {config: b}, B: {config: b, folder: A}}", "one folder"),
        ("S8:", "clean:", "clean has that name too"),
        ("{config: basis}", "{config: basis, laid_on: mnist}", "laid_on='mnist'"),
        ("flip: {", "a+b: {", "joins the names of several"),
        ("source: Table", "sauce: Table", "unknown key 'sauce'"),
        ("source: Table, ", "", "has no `source`"),
        ("source: Table", "source: Table, train_data: S9", "'S9' is no entry of clean or noises"),
        ("source: Table", "source: Table, training: pgd", "'pgd' is no entry of defences"),
        ("flip+flip", "flip+flop", "'flop' is no entry of augmentations"),
        ("rows: [{source: Table, augmentation: [none, flip+flip]}]", "", "rows=None"),
        ("rows:", "core: [{tables: Table}]\nrows:", "unknown key 'tables'"),
    ],
)
def test_a_grid(old: str, new: str, said: str, tmp_path: Path) -> None:
    read(tmp_path, GRID)
    assert GRID.count(old) >= 1
    with pytest.raises(UnlearnableError, match=said.replace("{", r"\{").replace("+", r"\+")):
        read(tmp_path, GRID.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "- S8", "{", "three"])
def test_a_grid_that_is_no_yaml_of_keys(text: str, tmp_path: Path) -> None:
    with pytest.raises(UnlearnableError, match=r"grid\.yaml: "):
        read(tmp_path, text)


def test_a_grid_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnlearnableError, match=r"nowhere\.yaml: cannot be read"):
        read_grid(tmp_path / "nowhere.yaml", [0])


@pytest.mark.parametrize(
    ("only", "said"),
    [({"train_data": ["S8", "S9"]}, "'S9' is in no row"), ({"data": ["S8"]}, "unknown key 'data'")],
)
def test_an_only_that_keeps_nothing(only: dict[str, list[str]], said: str, tmp_path: Path) -> None:
    assert read(tmp_path, GRID, only={"train_data": ["S8"]}).noises() == ["S8"]
    with pytest.raises(UnlearnableError, match=said):
        read(tmp_path, GRID, only=only)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"noise": {"other": ""}}, r"noise S8: noise of the profile p has no 'basis' \(other\)"),
        ({"train": {"images": {}}}, "train: images of the profile p has no 'plain'"),
        ({"train": {"other": {"plain": ""}}}, "train: images of the profile p has no 'plain'"),
        (
            {"train": {"images": {"plain": "--steps {steps}"}}},
            r"\{steps\}, which nothing fills in",
        ),
    ],
)
def test_a_profile_that_lacks_what_an_entry_begins_with(
    change: dict[str, Any], said: str, tmp_path: Path
) -> None:
    profile = {
        **{"name": "p", "data": "d", "seeds": [0], "noise_of_each_seed": True},
        **{"noise": {"basis": ""}, "train": {"images": {"plain": "--steps 8 --path {data}"}}},
    }
    grid = read(tmp_path, GRID)
    assert "--steps 8 --path d " in commands(profile, grid)["train/S8/none/none/seed0"]
    with pytest.raises(UnlearnableError, match=said):
        commands(profile | change, grid)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("title: A page\n", "", "'title' is missing"),
        ("title: One", "titel: One", "unknown key 'titel'"),
        ("drawn_by: bars", "drawn_by: barz", "no module of experiments/figures"),
        ("title: One", "title: One, train_data: [S9]", "'S9' is no entry"),
        ("title: One", "title: One, shown: {train_data: S9, training: none}", "'S9' is no entry"),
    ],
)
def test_words_of_a_page(old: str, new: str, said: str, tmp_path: Path) -> None:
    grid = read(tmp_path, GRID + "page: page.yaml\n")
    (tmp_path / "page.yaml").write_text(PAGE)
    assert read_words(grid).title == "A page"
    (tmp_path / "page.yaml").write_text(PAGE.replace(old, new))
    with pytest.raises(UnlearnableError, match=said):
        read_words(grid)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("clean: clean\n", "", "'clean' is missing"),
        ("chance_error: 90\n", "", "'chance_error' is missing"),
        ("rule: at least half", "role: at least half", "unknown key 'role'"),
        ("rule: at least half, ", "", "'rule' is missing"),
        ("at_least: 0.5, ", "", "nothing decides it"),
        ("at_least: 0.5", "each_more_by: 0.5", "1 cases have no two halves"),
        ("train_data: S8", "train_data: S9", "'S9' is no entry"),
    ],
)
def test_claims(old: str, new: str, said: str, tmp_path: Path) -> None:
    grid = read(tmp_path, GRID + "claims: claims.yaml\n")
    (tmp_path / "claims.yaml").write_text(CLAIMS)
    assert [claim.name for claim in read_claims(grid)] == ["works"]
    (tmp_path / "claims.yaml").write_text(CLAIMS.replace(old, new))
    with pytest.raises(UnlearnableError, match=said):
        read_claims(grid)
