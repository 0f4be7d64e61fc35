"""Which images of a validation or test set a rank goes through."""

from typing import Any

from lightning.pytorch.overrides.distributed import UnrepeatedDistributedSampler
from torch.utils.data import Dataset, DistributedSampler


def each_once(dataset: Dataset[Any], ranks: int, rank: int) -> DistributedSampler[Any]:
    """A sampler in order that gives each image to one rank alone, so that none counts twice.

    Torch's own `DistributedSampler` repeats images until all ranks have as many. Lightning 2.6
    puts this one in its place for predict alone; it is in no public list of its names.

    Args:
        dataset: of at least as many images as ranks.
        ranks: how many share it.
        rank: this one, 0 to ranks - 1.
    """
    return UnrepeatedDistributedSampler(dataset, num_replicas=ranks, rank=rank, shuffle=False)
