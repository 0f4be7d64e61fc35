"""Any data set as one NumPy archive, or two."""

from functools import cached_property
from pathlib import Path
from typing import Any

from torch import Tensor

from unlearnable_lightning.checks.image_size import ImageSize, image_size_of
from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.data.archive import Archive
from unlearnable_lightning.data.layout import count_classes
from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.errors import UnlearnableError


class NPZDataModule(ImageDataModule):
    """Images from one `.npz` file with x_train, y_train, x_test and y_test.

    A file of training images alone, such as the `poisoned.npz` that `predict` writes, is taken
    with a second one that holds the test images, or with `val_size=0` for a training without any.

    Args:
        path: the file; images uint8, N×H×W×C or N×H×W; labels integers from 0.
        num_classes: K, where a class may lack training images; null counts the training labels,
            which must have every class then.
        test_path: another file, whose x_test and y_test are taken instead; null takes `path`.
        kwargs: as in `ImageDataModule`.

    Raises:
        UnlearnableError: no such file, not such a file, images that are not uint8, or labels with
            a gap.
    """

    def __init__(
        self,
        path: str = "data/cifar10.npz",
        num_classes: int | None = None,
        test_path: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if num_classes is not None:
            whole_number(
                "num_classes", num_classes, 2, "there are at least 2 classes to tell apart"
            )
        self.path = Path(path)
        self.name = self.path.stem
        train = Archive(self.path)
        test = train if test_path is None else Archive(Path(test_path), "test_path")
        self._archives = {"train": train, "test": test}
        self._given_classes = num_classes

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        """As in `ImageDataModule`."""
        if split == "test" and not self.has_test_images:
            raise UnlearnableError(
                f"path={self.path} holds training images alone, no x_test and y_test; validation "
                "and test need those. Give test_path, a file that has them, or val_size=0 to train "
                "without validation."
            )
        archive = self._archives[split]
        return archive.images(f"x_{split}"), archive.labels(f"y_{split}")

    @property
    def has_test_images(self) -> bool:
        """Whether the file has them, or another one is given for them."""
        train, test = self._archives.values()
        return train is not test or not {"x_test", "y_test"}.isdisjoint(train.names())

    @cached_property
    def _facts(self) -> tuple[tuple[str, ...], int, ImageSize]:
        """Class names, channels and size; the images stay in the file."""
        labels = self._archives["train"].labels("y_train")
        count = self._given_classes or count_classes(f"{self.path}: y_train", labels)
        _, height, width, channels = self._archives["train"].image_shape("x_train")
        size = image_size_of(height, width)
        return tuple(str(label) for label in range(count)), channels, size

    @property
    def class_names(self) -> tuple[str, ...]:  # type: ignore[override]  # read from the file
        """The numbers of the labels, as text."""
        return self._facts[0]

    @property
    def in_channels(self) -> int:  # type: ignore[override]  # read from the file
        """C of the images."""
        return self._facts[1]

    @property
    def image_size(self) -> ImageSize:  # type: ignore[override]  # read from the file
        """Height and width of the images."""
        return self._facts[2]
