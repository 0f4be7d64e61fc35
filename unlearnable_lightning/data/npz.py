"""Any data set as one NumPy archive."""

import zipfile
import zlib
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unlearnable_lightning.data.base import ImageDataModule
from unlearnable_lightning.errors import UnlearnableError


class NPZDataModule(ImageDataModule):
    """Images from one `.npz` file with x_train, y_train, x_test and y_test.

    Args:
        path: the file; images uint8, N×H×W×C or N×H×W; labels integers from 0.
        num_classes: K; null counts up to the highest training label.
        kwargs: as in `ImageDataModule`.

    Raises:
        UnlearnableError: no such file, not such a file, or images that are not uint8.
    """

    def __init__(
        self, path: str = "data/cifar10.npz", num_classes: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.path = Path(path)
        self.name = self.path.stem
        self._given_classes = num_classes

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        images, labels = self._arrays[f"x_{split}"], self._arrays[f"y_{split}"]
        nhwc = images[..., None] if images.ndim == 3 else images
        if nhwc.ndim != 4 or nhwc.dtype != np.uint8:
            raise UnlearnableError(
                f"{self.path}: x_{split} is {images.dtype} of shape {images.shape}; it must be "
                "uint8, N×H×W×C or N×H×W. Convert floats in [0, 1] with "
                "(x * 255).round().astype('uint8')."
            )
        if labels.ndim != 1 or not np.issubdtype(labels.dtype, np.integer):
            raise UnlearnableError(
                f"{self.path}: y_{split} is {labels.dtype} of shape {labels.shape}; it must be "
                "one integer label per image."
            )
        return torch.from_numpy(nhwc).permute(0, 3, 1, 2), torch.from_numpy(labels.astype(np.int64))

    @cached_property
    def _arrays(self) -> dict[str, np.ndarray]:
        try:
            with np.load(self.path, allow_pickle=False) as archive:
                return {key: archive[key] for key in ("x_train", "y_train", "x_test", "y_test")}
        except (
            *(OSError, EOFError, KeyError, ValueError),
            *(AttributeError, TypeError),  # a lone array (.npy) is no context manager
            *(zipfile.BadZipFile, zlib.error, RuntimeError),  # damaged, encrypted, unknown codec
        ) as error:
            raise UnlearnableError(
                f"path={self.path} cannot be read ({error}). It must be a file of "
                "numpy.savez(path, x_train=…, y_train=…, x_test=…, y_test=…)."
            ) from error

    @cached_property
    def class_names(self) -> tuple[str, ...]:  # type: ignore[override]  # read from the file
        labels = self.read("train")[1]
        count = self._given_classes or (int(labels.max()) + 1 if len(labels) else 0)
        return tuple(str(label) for label in range(count))

    @property
    def in_channels(self) -> int:  # type: ignore[override]
        return self.read("train")[0].shape[1]

    @property
    def image_size(self) -> int:  # type: ignore[override]
        return self.read("train")[0].shape[2]
