"""What learns from leaked pairs to take noise off; one file each. Any object with `fit` and
`denoise` of these signatures can stand in for them, by its import path."""

from unlearnable_lightning.defences.leak_models.base import LeakModel
from unlearnable_lightning.defences.leak_models.class_mean import ClassMean
from unlearnable_lightning.defences.leak_models.residual_cnn import ResidualCNN
from unlearnable_lightning.defences.leak_models.ridge import Ridge

NAMES = ("ClassMean", "ResidualCNN", "Ridge")

__all__ = ["NAMES", "ClassMean", "LeakModel", "ResidualCNN", "Ridge"]
