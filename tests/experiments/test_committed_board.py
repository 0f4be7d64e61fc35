"""docs/leaderboard.md and docs/noises.md are what the code makes of docs/leaderboard/."""

from dataclasses import replace
from pathlib import Path

import yaml

from experiments import board, results
from experiments.grid import read_grid

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PROFILE = ROOT / "experiments" / "profiles" / "leaderboard-laptop.yaml"


def test_the_committed_pages_are_made_of_the_committed_table(tmp_path: Path) -> None:
    profile = yaml.safe_load(PROFILE.read_text())
    (tmp_path / "leaderboard").mkdir()
    for name in ("results.csv", "curves.json"):
        (tmp_path / "leaderboard" / name).write_bytes((DOCS / "leaderboard" / name).read_bytes())
    table = tmp_path / "leaderboard" / "results.csv"
    runs = results.read(table)
    done = frozenset(zip(runs["run"], runs["seed"], strict=True))
    grid = replace(read_grid(ROOT / profile["grid"], profile["seeds"]), done=done)
    board.write(tmp_path / "leaderboard.md", table, {**profile, "rows": "done"}, grid)
    for name in ("leaderboard.md", "noises.md", "leaderboard/leaderboard.html"):
        assert (tmp_path / name).read_text() == (DOCS / name).read_text(), name
