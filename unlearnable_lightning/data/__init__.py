"""Images in, batches out: one data module per source of images."""

from typing import TYPE_CHECKING

from unlearnable_lightning.data.dataset import ImageDataset
from unlearnable_lightning.lazy import lazy

if TYPE_CHECKING:
    from unlearnable_lightning.data.face import *
else:
    __getattr__, __dir__ = lazy(__name__)

__all__ = [  # data modules are imported from `face.py` when they are used
    "CIFAR10DataModule",
    "CIFAR100DataModule",
    "ImageDataModule",
    "ImageDataset",
    "ImageFolderDataModule",
    "MNISTDataModule",
    "NPYDataModule",
    "NPZDataModule",
    "STL10DataModule",
    "SVHNDataModule",
    "ShapesDataModule",
    "TinyImageNetDataModule",
]
