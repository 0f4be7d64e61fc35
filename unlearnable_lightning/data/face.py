"""What `data` exports and Lightning is needed for; imported when the first of it is used."""

from unlearnable_lightning.data.cifar10 import CIFAR10DataModule as CIFAR10DataModule
from unlearnable_lightning.data.cifar100 import CIFAR100DataModule as CIFAR100DataModule
from unlearnable_lightning.data.image_folder import ImageFolderDataModule as ImageFolderDataModule
from unlearnable_lightning.data.mnist import MNISTDataModule as MNISTDataModule
from unlearnable_lightning.data.module import ImageDataModule as ImageDataModule
from unlearnable_lightning.data.npy import NPYDataModule as NPYDataModule
from unlearnable_lightning.data.npz import NPZDataModule as NPZDataModule
from unlearnable_lightning.data.shapes import ShapesDataModule as ShapesDataModule
from unlearnable_lightning.data.stl10 import STL10DataModule as STL10DataModule
from unlearnable_lightning.data.svhn import SVHNDataModule as SVHNDataModule
from unlearnable_lightning.data.tiny_imagenet import (
    TinyImageNetDataModule as TinyImageNetDataModule,
)
