"""Images in, batches out: one data module per source of images."""

from unlearnable_lightning.data.cifar10 import CIFAR10DataModule
from unlearnable_lightning.data.dataset import ImageDataset
from unlearnable_lightning.data.image_folder import ImageFolderDataModule
from unlearnable_lightning.data.mnist import MNISTDataModule
from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.data.npz import NPZDataModule
from unlearnable_lightning.data.shapes import ShapesDataModule

__all__ = [
    "CIFAR10DataModule",
    "ImageDataModule",
    "ImageDataset",
    "ImageFolderDataModule",
    "MNISTDataModule",
    "NPZDataModule",
    "ShapesDataModule",
]
