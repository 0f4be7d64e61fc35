"""Stratified choices of rows."""

import torch
from torch import Tensor

from unlearnable_lightning.checks.labels import as_labels
from unlearnable_lightning.checks.seed import check_seed
from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.errors import UnlearnableError


def stratified(labels: Tensor, count: int, seed: int) -> Tensor:
    """Chooses rows so that each class keeps its share.

    Args:
        labels: [N], of any integer type.
        count: how many rows.
        seed: the same seed gives the same choice.

    Returns:
        int64 [count], ascending.

    Raises:
        UnlearnableError: more rows than there are, or none; labels or a count that are no integers.
    """
    labels = as_labels(labels)
    check_seed(seed)
    rule = (
        f"a subset of {count} images was asked for; it must have at least 1 and at most "
        f"{len(labels)}, which is all there are"
    )
    if whole_number("count", count, 1, rule) > len(labels):
        raise UnlearnableError(f"count={count}: {rule}. Give a smaller number.")
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    # the i-th of n images of a class stands at (i + 1/2) / n: the first `count` of this ranking
    # hold every class in proportion
    place = torch.empty(len(labels), dtype=torch.float64)
    for label in labels.unique():
        rows = order[labels[order] == label]
        place[rows] = (torch.arange(len(rows), dtype=torch.float64) + 0.5) / len(rows)
    ranking = order[place[order].argsort(stable=True)]
    return ranking[:count].sort().values


def training_subset(labels: Tensor, count: int, seed: int) -> Tensor:
    """`stratified`, of which every class that has images keeps some.

    Raises:
        UnlearnableError: as `stratified` does, or a class would be left without images.
    """
    rows = stratified(labels, count, seed)
    classes, sizes = labels.long().unique(return_counts=True)
    lost = sorted({*classes.tolist()} - {*labels[rows].tolist()})
    if lost:
        # all images of the ranking up to the first one of the rarest class, at 1 / (2 · its size)
        enough = int((sizes / (2 * sizes.min()) + 0.5).floor().sum())
        named = ", ".join(map(str, lost[:10])) + (", …" if len(lost) > 10 else "")
        raise UnlearnableError(
            f"train_subset={count} leaves no image of {len(lost)} of {len(classes)} classes "
            f"({named}). Give at least {enough}, which leaves some of each."
        )
    return rows
