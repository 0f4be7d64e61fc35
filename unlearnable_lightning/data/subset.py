"""Stratified choices of rows."""

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError


def stratified(labels: Tensor, count: int, seed: int) -> Tensor:
    """Chooses rows so that each class keeps its share.

    Args:
        labels: int64 [N].
        count: how many rows.
        seed: the same seed gives the same choice.

    Returns:
        int64 [count], ascending.

    Raises:
        UnlearnableError: more rows than there are, or none.
    """
    if not 0 < count <= len(labels):
        raise UnlearnableError(
            f"a subset of {count} images was asked for; it must have at least 1 and at most "
            f"{len(labels)}, which is all there are."
        )
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    # the i-th of n images of a class stands at (i + 1/2) / n: the first `count` of this ranking
    # hold every class in proportion
    place = torch.empty(len(labels), dtype=torch.float64)
    for label in labels.unique():
        rows = order[labels[order] == label]
        place[rows] = (torch.arange(len(rows), dtype=torch.float64) + 0.5) / len(rows)
    ranking = order[place[order].argsort(stable=True)]
    return ranking[:count].sort().values
