"""Unlearnable examples on PyTorch Lightning: make error-minimizing noise, train on it, break it."""

from typing import TYPE_CHECKING

from unlearnable_lightning.lazy import lazy

if TYPE_CHECKING:
    from unlearnable_lightning.face import *
else:
    __getattr__, __dir__ = lazy(__name__)

__all__ = [  # imported from `face.py` when they are used
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
