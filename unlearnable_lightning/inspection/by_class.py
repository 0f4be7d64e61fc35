"""How much of a noise its class decides."""

import torch
from torch import Tensor

from unlearnable_lightning.inspection.pair import Pair


def class_means(pair: Pair) -> Tensor:
    """Mean change of each class that occurs: float32 [K, C, H, W], in pixels of [-1, 1]."""
    return torch.stack(
        [
            pair.change[pair.labels == label].sum(0, dtype=torch.float64)
            / (255 * int((pair.labels == label).sum()))
            for label in pair.classes
        ]
    ).float()


def class_mean_share(pair: Pair) -> float:
    """The energy of the class means over that of the noise.

    1 says that all images of a class have the same noise, about K / N that they have nothing in
    common.
    """
    counts = pair.labels.unique(return_counts=True)[1]
    between = class_means(pair).square().flatten(1).sum(1) @ counts.float()
    within = sum(part.square().sum().item() for part in pair.changes())
    return between.item() / within if within else 0.0
