"""The two LightningModules: the one that makes noise and the one that trains on it."""

from unlearnable_lightning.modules.classifier import ClassifierModule
from unlearnable_lightning.modules.noise_gen import NoiseGenLightningModule

__all__ = ["ClassifierModule", "NoiseGenLightningModule"]
