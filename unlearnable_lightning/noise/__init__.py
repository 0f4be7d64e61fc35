"""How a release is made: the driver of rounds, methods in closed form, pictures of noise."""

from unlearnable_lightning.noise.driver import NoiseGenLightningModule
from unlearnable_lightning.noise.figure import mask, triples

__all__ = ["NoiseGenLightningModule", "mask", "triples"]
