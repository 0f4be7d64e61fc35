"""Data sets as NumPy archives for `NPZDataModule`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from unlearnable_lightning.data.dataset import ImageDataset
from unlearnable_lightning.files import replacing
from unlearnable_lightning.rows import whole


def write_npz(
    path: str | Path, train: Sequence[ImageDataset], test: Sequence[ImageDataset]
) -> None:
    """Writes x_train, y_train, x_test, y_test; images uint8 NHWC, labels int64.

    Args:
        path: of the file, which is written whole or not at all.
        train: parts of the training images, which come in the order of the data set.
        test: parts of the test images, one after the other.
    """
    order = torch.cat([part.index for part in train]).argsort()
    with replacing(path) as file:
        np.savez_compressed(
            file,
            x_train=_nhwc(train)[order.numpy()],
            y_train=_labels(train)[order].numpy(),
            x_test=_nhwc(test),
            y_test=_labels(test).numpy(),
        )


def _labels(parts: Sequence[ImageDataset]) -> Tensor:
    return torch.cat([part.labels for part in parts])


def _nhwc(parts: Sequence[ImageDataset]) -> np.ndarray:
    return torch.cat([whole(part.images) for part in parts]).permute(0, 2, 3, 1).numpy()
