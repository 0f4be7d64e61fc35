"""Published accuracies, from the YAML that the leaderboard reads too."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

GRID = Path(__file__).parents[1] / "experiments" / "grids" / "leaderboard_page.yaml"


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(GRID.read_text("utf-8"))
    return words


def of_noise(name: str) -> str:
    """A table of one noise: a row per training of the victim, a column per benchmark.

    Args:
        name: of a noise, as the benchmarks call it.
    """
    tables = _words()["published_tables"]
    rows = list(dict.fromkeys(row for table in tables.values() for row in table))
    body = [
        f"| {row} | " + " | ".join(_cell(table, row, name) for table in tables.values()) + " |"
        for row in rows
        if any(name in table.get(row, {}) for table in tables.values())
    ]
    return _table(f"training of the victim on {name}", list(tables), body)


def of_training(name: str) -> str:
    """A table of one defence: a row per noise, a column per benchmark, beside no defence.

    Args:
        name: of a row of the published tables.
    """
    tables = {key: each for key, each in _words()["published_tables"].items() if name in each}
    noises = list(dict.fromkeys(noise for table in tables.values() for noise in table[name]))
    body = []
    for noise in noises:
        cells = [_cell(table, row, noise) for table in tables.values() for row in ("none", name)]
        body.append(f"| {noise} | " + " | ".join(cells) + " |")
    heads = [f"{key}, {word}" for key in tables for word in ("no defence", name)]
    return _table("noise", heads, body)


def sources() -> str:
    """Where the numbers come from."""
    text: str = _words()["published"]
    return text.strip()


def _cell(table: dict[str, Any], row: str, name: str) -> str:
    value = table.get(row, {}).get(name)
    return "" if value is None else f"{value:.1f}"


def _table(first: str, heads: list[str], body: list[str]) -> str:
    lines = [f"| {first} | {' | '.join(heads)} |", f"| --- |{' ---: |' * len(heads)}", *body]
    return "\n".join(lines)
