"""Ten classes of drawn shapes: the data set that needs no download."""

from typing import Any

from torch import Tensor

from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.data.shapes_images import CLASS_NAMES, draw_shapes


class ShapesDataModule(ImageDataModule):
    """Coloured, textured shapes, drawn on the spot and the same on every machine.

    Args:
        train_size: how many training images, at least one of each class.
        test_size: how many test images, validation included.
        image_size: height and width in pixels.
        kwargs: as in `ImageDataModule`.
    """

    name = "shapes"
    class_names = CLASS_NAMES
    in_channels = 3
    image_size: int

    def __init__(
        self, train_size: int = 4000, test_size: int = 2000, image_size: int = 32, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        whole_number(
            "train_size", train_size, 10, "each of 10 classes needs an image, so at least 10"
        )
        whole_number("test_size", test_size, 1, "there is at least 1 test image")
        whole_number("image_size", image_size, 1, "an image has at least 1 pixel")
        self.sizes = {"train": train_size, "test": test_size}
        self.image_size = image_size

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        """As in `ImageDataModule`; drawn, not read."""
        # the drawings of train and test must never meet: another seed for each
        return draw_shapes(
            self.sizes[split], seed=0 if split == "train" else 1, image_size=self.image_size
        )
