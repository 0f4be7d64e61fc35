"""What is measured on: CIFAR-10 where there is one, drawn shapes of its size elsewhere."""

import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from unlearnable_lightning.data import ImageDataModule, NPZDataModule, ShapesDataModule

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def pictures(count: int, **kwargs: Any) -> ImageDataModule:
    """A data module with `count` training images, 3×32×32, of ten classes."""
    folder = os.environ.get("UNLEARNABLE_DATA")
    if folder:
        return NPZDataModule(
            str(Path(folder) / "cifar10.npz"),
            train_subset=count if count < 50_000 else None,
            **kwargs,
        )
    return ShapesDataModule(train_size=count, test_size=100, image_size=32, **kwargs)


def uint8_batch(count: int) -> tuple[Tensor, Tensor]:
    """Images uint8 [B, 3, 32, 32] and labels, on the device that is measured."""
    data = pictures(count)
    data.setup("fit")
    return data.train_set.images.to(DEVICE), data.train_set.labels.to(DEVICE)


def float_batch(count: int) -> tuple[Tensor, Tensor]:
    """The same in [0, 1]."""
    images, labels = uint8_batch(count)
    return images.float() / 255, labels
