"""The seed of a run."""

import lightning as L
import torch


def shared_seed(trainer: L.Trainer) -> int:
    """The seed of PyTorch's generator on rank 0, on every rank. To be called on every rank.

    Without `seed_everything` each rank has another one.
    """
    seed: int = trainer.strategy.broadcast(torch.initial_seed())
    return seed
