"""How a release is made: the driver of rounds, methods in closed form, pictures of noise."""

from unlearnable_lightning.noise.driver import NoiseDriver
from unlearnable_lightning.noise.figure import mask, triples
from unlearnable_lightning.noise.methods.error_minimizing import NoiseGenLightningModule
from unlearnable_lightning.noise.methods.gray import GrayAug

__all__ = ["GrayAug", "NoiseDriver", "NoiseGenLightningModule", "mask", "triples"]
