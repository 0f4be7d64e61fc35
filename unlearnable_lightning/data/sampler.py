"""The order in which a training epoch sees the images."""

from collections.abc import Iterator

import torch
from torch.utils.data import Dataset, DistributedSampler


class EpochSampler(DistributedSampler[int]):
    """A fresh permutation for each epoch, cut or cycled to a number of batches.

    The order is a function of seed and epoch alone, so a resumed run continues as the unbroken one
    would have. The Trainer calls `set_epoch`, and leaves a DistributedSampler in its place on
    several devices too.

    Args:
        dataset: only its length counts.
        batch_size: images per batch and device.
        batches: how many batches an epoch has; None for one pass. More than a pass starts over
            with another permutation.
        rank: this device, 0 to world_size - 1.
        world_size: how many devices share the images.
        seed: any integer, the same on all devices.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch_size: int,
        batches: int | None = None,
        rank: int = 0,
        world_size: int = 1,
        seed: int = 0,
    ) -> None:
        super().__init__(dataset, num_replicas=world_size, rank=rank, shuffle=True, seed=seed)
        self.images = len(dataset)  # type: ignore[arg-type]  # Dataset declares no length
        if batches is not None:
            self.num_samples = batches * batch_size
            self.total_size = self.num_samples * world_size

    def __iter__(self) -> Iterator[int]:
        # torch.manual_seed(-1) is the seed 2^64 - 1 to PyTorch, and has no successor
        generator = torch.Generator().manual_seed((self.seed + self.epoch) % 2**63)
        passes = -(-self.total_size // self.images)
        order = torch.cat([torch.randperm(self.images, generator=generator) for _ in range(passes)])
        return iter(order[self.rank : self.total_size : self.num_replicas].tolist())
