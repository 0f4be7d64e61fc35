"""The names that `import unlearnable_lightning` gives; imported when the first of them is used."""

from unlearnable_lightning.data import (
    CIFAR10DataModule,
    ImageFolderDataModule,
    MNISTDataModule,
    NPZDataModule,
    ShapesDataModule,
)
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise import NoiseGenLightningModule
from unlearnable_lightning.release import NoiseFileError, NoiseMismatchError, Release, poison
from unlearnable_lightning.victim import ClassifierModule

__all__ = [
    "CIFAR10DataModule",
    "ClassifierModule",
    "ImageFolderDataModule",
    "MNISTDataModule",
    "NPZDataModule",
    "NoiseFileError",
    "NoiseGenLightningModule",
    "NoiseMismatchError",
    "Release",
    "ShapesDataModule",
    "UnlearnableError",
    "poison",
]
