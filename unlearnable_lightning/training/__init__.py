"""What the surrogate and the victim share: a model, SGD, scores, epochs that repeat."""

from unlearnable_lightning.training.finite import NonFiniteError
from unlearnable_lightning.training.module import Batch, ImageModule
from unlearnable_lightning.training.scores import Scores

__all__ = ["Batch", "ImageModule", "NonFiniteError", "Scores"]
