"""What `data` exports and Lightning is needed for; imported when the first of it is used."""

from unlearnable_lightning.data.cifar10 import CIFAR10DataModule as CIFAR10DataModule
from unlearnable_lightning.data.image_folder import ImageFolderDataModule as ImageFolderDataModule
from unlearnable_lightning.data.mnist import MNISTDataModule as MNISTDataModule
from unlearnable_lightning.data.module import ImageDataModule as ImageDataModule
from unlearnable_lightning.data.npz import NPZDataModule as NPZDataModule
from unlearnable_lightning.data.shapes import ShapesDataModule as ShapesDataModule
