"""The pages of leaderboard, noises, partial poisoning and surrogates are what the code makes of the
tables beside them."""

from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from experiments import board, partial_poisoning, results, surrogates
from experiments.grid import Grid, read_grid

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PROFILES = ROOT / "experiments" / "profiles"


def done_grid(profile: dict[str, Any], table: Path) -> Grid:
    """The grid of a profile with what is done."""
    runs = results.read(table)
    done = frozenset(zip(runs["run"], runs["seed"], strict=True))
    arguments = {key: profile.get(key) for key in ("only", "victims")}
    return replace(read_grid(ROOT / profile["grid"], profile["seeds"], **arguments), done=done)


def test_the_committed_pages_are_made_of_the_committed_table(tmp_path: Path) -> None:
    profile = yaml.safe_load((PROFILES / "leaderboard-laptop.yaml").read_text())
    (tmp_path / "leaderboard").mkdir()
    for name in ("results.csv", "curves.json"):
        (tmp_path / "leaderboard" / name).write_bytes((DOCS / "leaderboard" / name).read_bytes())
    table = tmp_path / "leaderboard" / "results.csv"
    grid = done_grid(profile, table)
    board.write(tmp_path / "leaderboard.md", table, {**profile, "rows": "done"}, grid)
    for name in ("leaderboard.md", "noises.md", "leaderboard/leaderboard.html"):
        assert (tmp_path / name).read_text() == (DOCS / name).read_text(), name


@pytest.mark.parametrize(
    ("module", "name", "picture"),
    [(partial_poisoning, "partial", "shares"), (surrogates, "surrogates", "restored")],
    ids=["partial_poisoning", "surrogates"],
)
def test_a_committed_page_is_made_of_its_table(
    tmp_path: Path, module: ModuleType, name: str, picture: str
) -> None:
    profile = yaml.safe_load((PROFILES / f"{name}-laptop.yaml").read_text())
    page = ROOT / profile["page"]
    table, made = page.with_suffix("") / "results.csv", tmp_path / page.name
    module.write(made, table, {**profile, "rows": "done"}, done_grid(profile, table))
    assert made.read_text() == page.read_text()
    assert (page.with_suffix("") / f"{picture}.png").stat().st_size > 5000
