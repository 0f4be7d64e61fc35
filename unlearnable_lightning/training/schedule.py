"""The learning rate of a training: a linear climb, then a cosine; or steps down."""

import math
from typing import Any

import lightning as L
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from unlearnable_lightning.errors import UnlearnableError


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


def stepwise(optimizer: Optimizer, every: int, factor: float = 0.1) -> Any:
    """What `configure_optimizers` gives for a learning rate that is multiplied by `factor` after
    every so many batches."""
    schedule = LambdaLR(optimizer, lambda step: factor ** (step // every))
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def with_schedule(optimizer: Optimizer, trainer: L.Trainer, warmup: float, cosine: bool) -> Any:
    """What `configure_optimizers` gives: the optimizer, and its schedule if it has one.

    Raises:
        UnlearnableError: a schedule for a training without an end.
    """
    if not (cosine or warmup):
        return optimizer
    batches = trainer.estimated_stepping_batches
    if batches == float("inf"):
        raise UnlearnableError(
            "max_epochs=-1: a schedule needs to know the end. Give --trainer.max_epochs, or "
            "--model.cosine false and --model.warmup 0."
        )
    schedule = warmup_cosine(optimizer, int(batches), warmup, cosine)
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def check_warmup(warmup: float) -> float:
    """Return `warmup` if it is a share.

    Raises:
        UnlearnableError: it lies outside [0, 1].
    """
    if not 0 <= warmup <= 1:
        raise UnlearnableError(f"warmup={warmup}: it is a share and must lie in [0, 1].")
    return warmup
