"""docs/results.md is what the code makes of docs/results/results.csv."""

from dataclasses import replace
from pathlib import Path

import yaml

from experiments import page, results
from experiments.grid import read_grid

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "results.md"


def test_the_committed_page_is_made_of_the_committed_table(tmp_path: Path) -> None:
    """Times, devices and versions are columns of the table, so no line depends on the machine."""
    profile = yaml.safe_load((ROOT / "experiments" / "profiles" / "laptop.yaml").read_text())
    table = ROOT / "docs" / "results" / "results.csv"
    runs = results.read(table)
    done = frozenset(zip(runs["run"], runs["seed"], strict=True))
    grid = replace(read_grid(ROOT / profile["grid"], profile["seeds"]), done=done)
    made = tmp_path / PAGE.name
    page.write(made, table, {**profile, "rows": "done"}, grid)
    assert made.read_text(encoding="utf-8") == PAGE.read_text(encoding="utf-8")


def test_a_picture_of_the_page_is_committed_beside_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = {line.split("](")[1].rstrip(")") for line in text.splitlines() if line.startswith("![")}
    pictures = PAGE.with_suffix("").glob("*.png")
    assert named == {f"results/{file.name}" for file in pictures}
