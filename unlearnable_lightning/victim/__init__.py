"""The network that is trained on the published images, and the table of its test."""

from unlearnable_lightning.victim.classifier import ClassifierModule

__all__ = ["ClassifierModule"]
