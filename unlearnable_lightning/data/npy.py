"""Two `.npy` files, images and labels, of which the images stay in their file."""

import tokenize
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.lib import format as npy
from torch import Tensor

from unlearnable_lightning.checks.image_size import ImageSize, image_size_of
from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.data.layout import count_classes, image_layout, label_layout
from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.rows import AnyRows, FileRows

_DAMAGED = (OSError, EOFError, ValueError, SyntaxError, TypeError, tokenize.TokenError)


class NPYDataModule(ImageDataModule):
    """Images of `numpy.save`, read batch by batch: for data that fits no memory.

    Args:
        images: uint8, N×H×W×C or N×H×W.
        labels: integers from 0, one for each image.
        test_images: as `images`; null for none, with `val_size=0`.
        test_labels: of the test images.
        num_classes: K, where a class may lack training images; null counts the training labels,
            which must have every class then.
        kwargs: as in `ImageDataModule`.

    Raises:
        UnlearnableError: no such file, not such a file, or labels with a gap.
    """

    def __init__(
        self,
        images: str = "data/x_train.npy",
        labels: str = "data/y_train.npy",
        test_images: str | None = None,
        test_labels: str | None = None,
        num_classes: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if num_classes is not None:
            rule = "there are at least 2 classes to tell apart"
            whole_number("num_classes", num_classes, 2, rule)
        if (test_images is None) != (test_labels is None):
            raise UnlearnableError(
                f"test_images={test_images} and test_labels={test_labels}: give both, or neither."
            )
        self.files = {"train": (images, labels), "test": (test_images, test_labels)}
        self.name = Path(images).stem
        self._given_classes = num_classes

    @property
    def has_test_images(self) -> bool:
        """Whether they were given."""
        return self.files["test"][0] is not None

    def read(self, split: str) -> tuple[AnyRows, Tensor]:
        """As in `ImageDataModule`; the images are not read yet."""
        images, labels = self.files[split]
        if images is None or labels is None:
            raise UnlearnableError(
                "test_images is not given; validation and test need them. Give test_images and "
                "test_labels, or val_size=0 to train without validation."
            )
        return _images(Path(images)), _labels(Path(labels))

    @cached_property
    def _facts(self) -> tuple[tuple[str, ...], int, ImageSize]:
        """Class names, channels and size; the images stay in the file."""
        images, labels = self.files["train"]
        assert images is not None
        assert labels is not None
        count = self._given_classes or count_classes(labels, _labels(Path(labels)))
        _, channels, *size = _images(Path(images)).shape
        return tuple(str(label) for label in range(count)), channels, image_size_of(*size)

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


def _images(path: Path) -> FileRows:
    shape, fortran_order, dtype, offset = _header(path)
    n, h, w, c = image_layout(str(path), shape, dtype)
    if fortran_order:
        raise UnlearnableError(
            f"{path} is in Fortran order, in which an image is not in one piece. Save it by "
            "numpy.save(path, numpy.ascontiguousarray(x))."
        )
    if path.stat().st_size != offset + n * h * w * c:
        raise UnlearnableError(
            f"{path} has {path.stat().st_size} bytes; its header says {shape}, which is "
            f"{offset + n * h * w * c}. It is cut, or still being written: copy it again."
        )
    return FileRows(path, (n, c, h, w), torch.uint8, offset, channels_last=True)


def _labels(path: Path) -> Tensor:
    shape, _, dtype, _ = _header(path)
    label_layout(str(path), shape, dtype)
    try:
        return torch.from_numpy(np.load(path, allow_pickle=False).astype(np.int64))
    except _DAMAGED as error:
        raise _refusal(path, error) from error


def _header(path: Path) -> tuple[tuple[int, ...], bool, np.dtype, int]:
    """Shape, Fortran order, dtype, and the place where the numbers begin."""
    try:
        with open(path, "rb") as file:
            old = npy.read_magic(file) == (1, 0)
            read = npy.read_array_header_1_0 if old else npy.read_array_header_2_0
            return (*read(file), file.tell())
    except _DAMAGED as error:
        raise _refusal(path, error) from error


def _refusal(path: Path, error: Exception) -> UnlearnableError:
    return UnlearnableError(
        f"{path} cannot be read ({error}). It must be a file of numpy.save: images uint8 "
        "N×H×W×C, labels integers."
    )
