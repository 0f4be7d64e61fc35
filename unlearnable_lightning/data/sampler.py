"""The order in which a training epoch sees the images."""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset, DistributedSampler


class EpochSampler(DistributedSampler[int]):
    """A fresh permutation for each epoch, cut or cycled to a number of batches.

    The order is a function of seed and epoch alone, so a resumed run continues as the unbroken one
    would have. The Trainer calls `set_epoch`, and leaves a DistributedSampler in its place on
    several devices too.

    Where one image would be left over for a last batch of its own, BatchNorm cannot train on it
    (with one value per channel it raises, with few it follows that image). The epoch is then one
    image per device shorter; the images left out are others in each epoch.

    Args:
        dataset: only its length counts.
        batch_size: images per batch and device.
        batches: how many batches an epoch has; None for one pass. More than a pass starts over
            with another permutation.
        rank: this device, 0 to world_size - 1.
        world_size: how many devices share the images.
        seed: any integer, the same on all devices.
        own: bool [N], the images of this device, which it draws from alone; None for all, shared
            out anew in each epoch.

    Attributes:
        skip: images of this device that the next pass leaves out: a resumed run has seen them.
    """

    def __init__(
        self,
        dataset: Dataset[Any],
        batch_size: int,
        batches: int | None = None,
        rank: int = 0,
        world_size: int = 1,
        seed: int = 0,
        own: Tensor | None = None,
    ) -> None:
        super().__init__(dataset, num_replicas=world_size, rank=rank, shuffle=True, seed=seed)
        self.skip, self.own = 0, own
        self.images = len(dataset)  # type: ignore[arg-type]  # Dataset declares no length
        if batches is None and self.num_samples > batch_size > 1:
            self.num_samples -= self.num_samples % batch_size == 1
            self.total_size = self.num_samples * world_size
        elif batches is not None:
            self.num_samples = batches * batch_size
            self.total_size = self.num_samples * world_size

    def __iter__(self) -> Iterator[int]:
        # torch.manual_seed(-1) is the seed 2^64 - 1 to PyTorch, and has no successor
        generator = torch.Generator().manual_seed((self.seed + self.epoch) % 2**63)
        most = self.images if self.own is None else int(self.own.sum())
        passes = -(-(self.total_size if self.own is None else self.num_samples) // most)
        order = torch.cat([torch.randperm(self.images, generator=generator) for _ in range(passes)])
        if self.own is None:
            order = order[self.rank : self.total_size : self.num_replicas]
        else:
            order = order[self.own[order]][: self.num_samples]
        skip, self.skip = self.skip, 0
        return iter(order[skip:].tolist())
