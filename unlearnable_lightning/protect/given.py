"""Pictures in memory as a data module, so that any method works on them."""

from typing import Any

from torch import Tensor

from unlearnable_lightning.data import ImageDataModule


class GivenImages(ImageDataModule):
    """Training images alone; nothing to validate or test on.

    Args:
        images: uint8 [N, 3, s, s].
        labels: int64 [N].
        classes: K.
        kwargs: as in `ImageDataModule`.
    """

    name = "pictures"
    in_channels = 3

    def __init__(self, images: Tensor, labels: Tensor, classes: int, **kwargs: Any) -> None:
        super().__init__(val_size=0, **kwargs)
        self.images, self.labels = images, labels
        self.image_size = images.shape[-1]
        # not the folders' names, which may be bytes that are no text
        self.class_names = tuple(str(label) for label in range(classes))

    @property
    def has_test_images(self) -> bool:
        """None."""
        return False

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        """As in `ImageDataModule`."""
        return self.images, self.labels
