"""Augmentations of batches [B, C, H, W] in [0, 1], on the images' device; one file each."""

from unlearnable_lightning.augment.coarse_dropout import CoarseDropout
from unlearnable_lightning.augment.crop_flip import RandomCropFlip
from unlearnable_lightning.augment.gaussian_noise import GaussianNoise
from unlearnable_lightning.augment.grayscale import Grayscale
from unlearnable_lightning.augment.jpeg import JPEG
from unlearnable_lightning.augment.median_blur import MedianBlur
from unlearnable_lightning.augment.uniform_noise import UniformNoise

__all__ = [
    "JPEG",
    "CoarseDropout",
    "GaussianNoise",
    "Grayscale",
    "MedianBlur",
    "RandomCropFlip",
    "UniformNoise",
]

NAMES = tuple(__all__)
