"""Images that are read from a file, with noise laid on what is read."""

from torch import Tensor

from unlearnable_lightning.pixels import add
from unlearnable_lightning.release import Release
from unlearnable_lightning.rows import Rows


class PoisonedRows(Rows):
    """What `release.apply` makes of all images, made batch by batch.

    Args:
        clean: uint8 [N, C, H, W].
        labels: int64 [N].
        poisoned: bool [N], the images that the noise is laid on.
        noise: made for these images.
    """

    def __init__(self, clean: Rows, labels: Tensor, poisoned: Tensor, noise: Release) -> None:
        self.clean, self.labels, self.poisoned, self.noise = clean, labels, poisoned, noise
        self.shape, self.dtype = clean.shape, clean.dtype

    def read(self, rows: Tensor) -> Tensor:
        """As in `Rows`."""
        images, some = self.clean.read(rows), self.poisoned[rows]
        poisoned = rows[some]
        difference = self.noise.difference_for(self.labels[poisoned], poisoned)
        images[some] = add(images[some], difference)
        return images
