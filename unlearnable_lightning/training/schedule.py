"""The learning rate of a training: a linear climb, then a cosine."""

import math

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR


def warmup_cosine(optimizer: Optimizer, steps: int, warmup: float, cosine: bool) -> LambdaLR:
    """A schedule to be stepped after every batch.

    Args:
        optimizer: its learning rate is the highest point.
        steps: batches of the whole training.
        warmup: share of them in which the rate climbs linearly, in [0, 1].
        cosine: whether it then falls to 0 along a cosine; else it stays.
    """
    climb = warmup * steps

    def factor(step: int) -> float:
        if step < climb:
            return (step + 1) / (climb + 1)
        if not cosine:
            return 1.0
        return (1 + math.cos(math.pi * (step - climb) / max(steps - climb, 1))) / 2

    return LambdaLR(optimizer, factor)
