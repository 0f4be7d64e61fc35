"""Augmentations of batches [B, C, H, W] in [0, 1], on the images' device; one file each."""

from unlearnable_lightning.augment.bit_depth import BitDepth
from unlearnable_lightning.augment.coarse_dropout import CoarseDropout
from unlearnable_lightning.augment.coin import COIN
from unlearnable_lightning.augment.contrastive import ContrastiveViews
from unlearnable_lightning.augment.crop_flip import RandomCropFlip
from unlearnable_lightning.augment.cutout import Cutout
from unlearnable_lightning.augment.eclipse_light import EclipseLight
from unlearnable_lightning.augment.gaussian_blur import GaussianBlur
from unlearnable_lightning.augment.gaussian_noise import GaussianNoise
from unlearnable_lightning.augment.grayscale import Grayscale
from unlearnable_lightning.augment.jpeg import JPEG
from unlearnable_lightning.augment.mean_blur import MeanBlur
from unlearnable_lightning.augment.median_blur import MedianBlur
from unlearnable_lightning.augment.rand_augment import RandAugment
from unlearnable_lightning.augment.random_sharpening import RandomSharpening
from unlearnable_lightning.augment.shift_flip import RandomShiftFlip
from unlearnable_lightning.augment.trivial_augment import TrivialAugment
from unlearnable_lightning.augment.uniform_noise import UniformNoise

__all__ = [
    "COIN",
    "JPEG",
    "BitDepth",
    "CoarseDropout",
    "ContrastiveViews",
    "Cutout",
    "EclipseLight",
    "GaussianBlur",
    "GaussianNoise",
    "Grayscale",
    "MeanBlur",
    "MedianBlur",
    "RandAugment",
    "RandomCropFlip",
    "RandomSharpening",
    "RandomShiftFlip",
    "TrivialAugment",
    "UniformNoise",
]

NAMES = tuple(__all__)
