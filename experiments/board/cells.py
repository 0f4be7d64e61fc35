"""How a cell and a table of cells are written, and what stands above every table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from experiments import results
from experiments.board.scores import Board, Treatment
from experiments.grid import Grid
from experiments.tables import escaped, spread
from unlearnable_lightning.report.text_table import markdown

UNFINISHED = "…"
NO_DEFENCE, ALL_ROWS = "the column without a defence", "all rows"  # that run with every seed


def spread_of(by_seed: Mapping[int, float] | None) -> str:
    """Mean ± standard deviation over the seeds; `UNFINISHED` if there is none."""
    return UNFINISHED if by_seed is None else spread(pd.Series(by_seed, dtype=float))


def accuracy(board: Board, data: str, treatment: Treatment) -> str:
    """A cell: accuracy in per cent after the last epoch."""
    score = board.score(data, treatment)
    return spread_of(None if score is None else score.last)


def share(board: Board, noise: str, treatment: Treatment) -> str:
    """A cell: the share that a noise takes, in per cent."""
    taken = board.share_taken(noise, treatment)
    return UNFINISHED if taken is None else f"{100 * taken:.0f}"


def matrix(
    board: Board,
    rows: Sequence[str],
    columns: Mapping[Treatment, str],
    cell: Callable[[Board, str, Treatment], str],
) -> str:
    """A table of cells.

    Args:
        board: of all runs.
        rows: clean images and noises.
        columns: their titles.
        cell: what stands in one.
    """
    lines = [
        [escaped(board.label(data)), *(cell(board, data, each) for each in columns)]
        for data in rows
    ]
    return markdown(["trained on", *columns.values()], lines, numbers=len(columns))


def command(profile: Mapping[str, Any], rows: str = "") -> str:
    """That makes the leaderboard of a profile.

    Args:
        profile: one of `profiles/`.
        rows: a further argument.
    """
    words = ["make leaderboard", f"PROFILE={profile['name'].removeprefix('leaderboard-')}", rows]
    return " ".join(word for word in words if word)


def origin(table: pd.DataFrame, profile: Mapping[str, Any], command: str, of_seeds: str) -> str:
    """Who measured, on what, and by which command.

    Args:
        table: from `results.read_all`.
        profile: one of `profiles/`.
        command: without the folder of the data.
        of_seeds: what runs with every seed.
    """
    device = ", ".join(sorted(set(table["device"].dropna()))) or "nothing yet"
    each = ["train_data", "training", "augmentation", "seed"]
    runs = table.drop_duplicates(each)
    trained = runs[runs["training"] != results.NOISE]
    first = "" if of_seeds == ALL_ROWS else f"; {profile['seeds'][0]} for all others"
    threads = f"{profile['threads']} thread{'s' * (profile['threads'] > 1)}"
    text = f"""
Every number here is **ours**, measured on {device}, but those that are said to be published ones.
{profile["about"].strip()}

- Command: `{command} DATA=FOLDER`. {len(trained)} trainings are done;
  what is not is shown as {UNFINISHED}.
- Time: {results.time_taken(runs)}, if one had run after the
  other ({threads} each).
- Seeds: {", ".join(map(str, profile["seeds"]))} for {of_seeds}, mean ± standard
  deviation where more than one is done{first}.
"""
    return text.strip()


def state(table: pd.DataFrame, grid: Grid) -> str:
    """How many trainings of a grid are done.

    Args:
        table: from `results.read_all`.
        grid: what was run.
    """
    whole = set(replace(grid, done=None, core=False).runs())
    rows = results.trainings(table)
    done = {(run, int(seed)) for run, seed in zip(rows["run"], rows["seed"], strict=True)} & whole
    if len(done) == len(whole):
        return f"All {len(whole)} trainings are done."
    return f"**Not finished**: {len(done)} of {len(whole)} trainings are done."
