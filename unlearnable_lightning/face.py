"""The names that `import unlearnable_lightning` gives; imported when the first of them is used."""

from unlearnable_lightning.data import (
    CIFAR10DataModule,
    CIFAR100DataModule,
    ImageFolderDataModule,
    MNISTDataModule,
    NPYDataModule,
    NPZDataModule,
    ShapesDataModule,
    STL10DataModule,
    SVHNDataModule,
    TinyImageNetDataModule,
)
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise import NoiseGenLightningModule
from unlearnable_lightning.release import NoiseFileError, NoiseMismatchError, Release, poison
from unlearnable_lightning.victim import ClassifierModule

__all__ = [
    "CIFAR10DataModule",
    "CIFAR100DataModule",
    "ClassifierModule",
    "ImageFolderDataModule",
    "MNISTDataModule",
    "NPYDataModule",
    "NPZDataModule",
    "NoiseFileError",
    "NoiseGenLightningModule",
    "NoiseMismatchError",
    "Release",
    "STL10DataModule",
    "SVHNDataModule",
    "ShapesDataModule",
    "TinyImageNetDataModule",
    "UnlearnableError",
    "poison",
]
