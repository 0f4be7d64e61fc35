"""How a cell is written, and what stands above every table."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from experiments import results
from experiments.tables import spread

UNFINISHED = "…"


def spread_of(by_seed: Mapping[int, float] | None) -> str:
    """Mean ± standard deviation over the seeds; `UNFINISHED` if there is none."""
    return UNFINISHED if by_seed is None else spread(pd.Series(by_seed, dtype=float))


def origin(table: pd.DataFrame, profile: Mapping[str, Any], rows: str = "") -> str:
    """Who measured, on what, and by which command.

    Args:
        table: from `results.read_all`.
        profile: one of `profiles/`.
        rows: a further argument of the command, with a blank after it.
    """
    device = ", ".join(sorted(set(table["device"].dropna()))) or "nothing yet"
    each = ["train_data", "training", "augmentation", "seed"]
    hours = table.drop_duplicates(each)["wall_s"].sum() / 3600
    trained = table[table["training"] != results.NOISE].drop_duplicates(each)
    name = profile["name"].removeprefix("leaderboard-")
    threads = f"{profile['threads']} thread{'s' * (profile['threads'] > 1)}"
    text = f"""
Every number here is **ours**, measured on {device}, but those that are said to be published ones.
{profile["about"].strip()}

- Command: `make leaderboard PROFILE={name} {rows}DATA=FOLDER`. {len(trained)} trainings are done;
  what is not is shown as {UNFINISHED}.
- Time: {hours:.1f} hours for all that is done, one after the other ({threads} each).
- Seeds: {", ".join(map(str, profile["seeds"]))} for the column without a defence, mean ± standard
  deviation where more than one is done; {profile["seeds"][0]} for all others.
"""
    return text.strip()
