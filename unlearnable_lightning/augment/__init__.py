"""Augmentations of batches [B, C, H, W] in [0, 1], on the images' device; one file each."""

from unlearnable_lightning.augment.coarse_dropout import CoarseDropout
from unlearnable_lightning.augment.contrastive import ContrastiveViews
from unlearnable_lightning.augment.crop_flip import RandomCropFlip
from unlearnable_lightning.augment.gaussian_noise import GaussianNoise
from unlearnable_lightning.augment.grayscale import Grayscale
from unlearnable_lightning.augment.jpeg import JPEG
from unlearnable_lightning.augment.median_blur import MedianBlur
from unlearnable_lightning.augment.shift_flip import RandomShiftFlip
from unlearnable_lightning.augment.uniform_noise import UniformNoise

__all__ = [
    "JPEG",
    "CoarseDropout",
    "ContrastiveViews",
    "GaussianNoise",
    "Grayscale",
    "MedianBlur",
    "RandomCropFlip",
    "RandomShiftFlip",
    "UniformNoise",
]

NAMES = tuple(__all__)
