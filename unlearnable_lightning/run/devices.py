"""Work on a Trainer's devices outside its own loops, such as a sweep over all images."""

from contextlib import AbstractContextManager
from typing import Any

import lightning as L
import torch
from torch import Tensor, nn

# all seen in Lightning 2.6: the Trainer does this for the batches and sums of its own loops alone


def to_device(trainer: L.Trainer, batch: Any) -> Any:
    """The batch on this rank's device, as the data module's or the module's transforms make it."""
    return trainer.strategy.batch_to_device(batch)


def reduce_sum(trainer: L.Trainer, value: Tensor) -> Tensor:
    """The sum of `value` over all ranks, on each of them. To be called on every rank."""
    total: Tensor = trainer.strategy.reduce(value, reduce_op="sum")
    return total


def reduce_mean(trainer: L.Trainer, value: Tensor) -> Tensor:
    """The mean of `value` over all ranks, on each of them. To be called on every rank."""
    mean: Tensor = trainer.strategy.reduce(value, reduce_op="mean")
    return mean


def average_buffers(trainer: L.Trainer, model: nn.Module) -> None:
    """Every rank gathers BatchNorm statistics of its own; this makes them the same on all, in
    place. To be called on every rank."""
    for buffer in model.buffers():
        if buffer.is_floating_point():
            buffer.copy_(reduce_mean(trainer, buffer))


def gather(trainer: L.Trainer, value: Any) -> list[Any]:
    """Plain data of all ranks, in their order. To be called on every rank."""
    gathered = [value] * trainer.world_size
    if trainer.world_size > 1:
        torch.distributed.all_gather_object(gathered, value)
    return gathered


def forward_context(trainer: L.Trainer) -> AbstractContextManager[Any]:
    """The autocast of `trainer.precision`, in which the Trainer runs the steps of its loops."""
    context: AbstractContextManager[Any] = trainer.precision_plugin.forward_context()
    return context
