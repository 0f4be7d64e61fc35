"""Which device owns which image, where each draws from images of its own."""

import torch
from torch import Generator, Tensor


class Share:
    """Images dealt out to devices as cards are: at random, the same in every run, as many to each
    or one more. All classes are on every device then, whatever order the images come in.

    Args:
        images: how many there are.
        ranks: how many devices share them.

    Attributes:
        owner: int64 [N], the rank of each image.
        place: int64 [N], where an image is among those of its owner, which are in order.
        counts: images of each rank.
    """

    def __init__(self, images: int, ranks: int) -> None:
        order = torch.randperm(images, generator=Generator().manual_seed(0))
        self.owner = torch.empty_like(order)
        self.owner[order] = torch.arange(images) % ranks
        self.place = torch.empty_like(order)
        self.counts = []
        for rank in range(ranks):
            rows = self.rows(rank)
            self.place[rows] = torch.arange(len(rows))
            self.counts.append(len(rows))

    def rows(self, rank: int) -> Tensor:
        """The images of a device, int64, in order; all of them, if it is the only one."""
        return (self.owner == rank).nonzero().flatten()
