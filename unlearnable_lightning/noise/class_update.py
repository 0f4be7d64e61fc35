"""How class-wise noise takes in what a batch learned (Algorithm 1, class rule)."""

from collections.abc import Callable

import torch
from torch import Tensor

from unlearnable_lightning.checks.labels import as_labels


def mean(delta: Tensor, labels: Tensor, changes: Tensor, epsilon: float) -> Tensor:
    """delta_c ← clip(mean of the batch's deltas of class c): order does not matter.

    Huang et al.; classes that the batch lacks stay as they are.

    Args:
        delta: [K, C, H, W], the noise that all images of a class started from.
        labels: [B], of any integer type, from 0 to K - 1.
        changes: [B, C, H, W], each image's delta after T steps minus what it started from.
        epsilon: bound.

    Returns:
        The new noise, [K, C, H, W].

    Raises:
        UnlearnableError: labels that are no integers [B].
    """
    labels = as_labels(labels)
    total = torch.zeros_like(delta).index_add_(0, labels, changes)
    count = torch.bincount(labels, minlength=len(delta)).clamp_(min=1)
    return (delta + total / count.view(-1, 1, 1, 1)).clamp_(-epsilon, epsilon)


def sequential(delta: Tensor, labels: Tensor, changes: Tensor, epsilon: float) -> Tensor:
    """delta_c ← clip(delta_c + eta_j), one image j of class c after the other (the thesis).

    Arguments and result as for `mean`. The i-th images of all classes are added at one go: what
    counts is the order within a class.
    """
    labels, delta = as_labels(labels), delta.clone()
    place = _place_within_class(labels, len(delta))
    for i in range(int(place.max()) + 1 if len(place) else 0):
        turn = place == i
        of = labels[turn]
        delta[of] = (delta[of] + changes[turn]).clamp_(-epsilon, epsilon)
    return delta


def _place_within_class(labels: Tensor, classes: int) -> Tensor:
    """0 for the first image of its class in the batch, 1 for the second, …; int64 [B]."""
    seen = torch.nn.functional.one_hot(labels, classes).cumsum(0)
    return seen.gather(1, labels[:, None])[:, 0] - 1


ClassUpdate = Callable[[Tensor, Tensor, Tensor, float], Tensor]
