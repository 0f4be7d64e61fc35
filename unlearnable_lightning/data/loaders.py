"""From images in memory to batches, on one device or several."""

from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import DataLoader, Sampler

from unlearnable_lightning.data.dataset import ImageDataset
from unlearnable_lightning.data.plan import TrainingPlan
from unlearnable_lightning.data.sampler import EpochSampler
from unlearnable_lightning.data.share import Share
from unlearnable_lightning.run.rank_share import each_once


@dataclass(frozen=True)
class Loaders:
    """Makes the loaders of one device.

    Attributes:
        batch_size: images per batch and device.
        rank: this device, 0 to ranks - 1.
        ranks: how many devices share the images.
    """

    batch_size: int
    rank: int = 0
    ranks: int = 1

    def training(self, dataset: ImageDataset, plan: TrainingPlan) -> DataLoader[Any]:
        """Shuffled batches, as the plan says."""
        own = None
        if plan.own_images and not dataset.in_memory:
            own = Share(len(dataset), self.ranks).owner == self.rank
        # `plan.batches` of more than all images would hold images twice, for twice the time
        most = -(-len(dataset) // self.ranks) if own is None else len(dataset) // self.ranks
        batch_size = min(self.batch_size, most)
        sampler = EpochSampler(
            dataset, batch_size, plan.batches, self.rank, self.ranks, plan.seed, own
        )
        return _loader(dataset, batch_size, sampler)

    def scored(self, dataset: ImageDataset) -> DataLoader[Any]:
        """In order; on several devices each image on one of them, so that none counts twice."""
        if self.ranks == 1:
            return _loader(dataset, self.batch_size)
        return _loader(dataset, self.batch_size, each_once(dataset, self.ranks, self.rank))

    def predicted(self, dataset: ImageDataset) -> DataLoader[Any]:
        """In order; on several devices the Trainer makes it anew with a sampler of its own."""
        return _loader(dataset, self.batch_size)


def _loader(
    dataset: ImageDataset, batch_size: int, sampler: Sampler[int] | None = None
) -> DataLoader[Any]:
    return DataLoader(
        dataset,
        batch_size=batch_size,  # by name: for predict the Trainer makes the loader anew
        sampler=sampler,
        collate_fn=_as_served,
        pin_memory=torch.cuda.is_available(),
        generator=torch.Generator(),  # an iterator draws a seed; not from the run's stream
    )


def _as_served(batch: Any) -> Any:
    return batch
