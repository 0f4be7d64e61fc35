"""Rank correlation, and how often chance alone gives one as large."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

LEAST = 5  # points: of fewer, any order is likely by chance
SHUFFLES = 10_000
RARE = 0.05  # a correlation that fewer shuffles reach is taken for shown


@dataclass(frozen=True)
class Correlation:
    """Of two measures.

    Attributes:
        rho: Spearman's, in [-1, 1].
        chance: share of the shuffles of one of them that reach |rho|.
        count: of the points.
    """

    rho: float
    chance: float
    count: int

    @property
    def shown(self) -> bool:
        """Whether it is larger than chance easily gives."""
        return self.chance <= RARE


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> Correlation | None:
    """Of as many points; None of fewer than 5, or if one measure is the same for all of them.

    Args:
        first: one measure, by point.
        second: another, in the same order.
    """
    if len(first) < LEAST:
        return None
    ranks = [pd.Series(each, dtype=float).rank().to_numpy() for each in (first, second)]
    centred = [each - each.mean() for each in ranks]
    scale = float(np.sqrt(np.prod([np.square(each).sum() for each in centred])))
    if scale == 0:
        return None
    rho = float(centred[0] @ centred[1]) / scale
    shuffled = np.tile(centred[1], (SHUFFLES, 1))
    np.random.default_rng(0).permuted(shuffled, axis=1, out=shuffled)
    by_chance = np.abs(shuffled @ centred[0]) / scale
    reached = int((by_chance >= abs(rho) - 1e-9).sum())
    # with the order that was found among the shuffles: none of them is ever 0 in so many
    return Correlation(rho, (reached + 1) / (SHUFFLES + 1), len(first))
