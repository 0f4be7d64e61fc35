"""Models: images in [0, 1] to logits, each with `Normalize` as its first layer."""

from unlearnable_lightning.models.build import build_model
from unlearnable_lightning.models.cnn import cnn_small
from unlearnable_lightning.models.cnn_strided import cnn_strided
from unlearnable_lightning.models.lenet import lenet
from unlearnable_lightning.models.linear_pil import linear_pil
from unlearnable_lightning.models.normalize import Normalize
from unlearnable_lightning.models.resnet import ResNet, resnet18, resnet_small

NAMES = ("resnet18", "resnet_small", "cnn_small", "cnn_strided", "lenet", "linear_pil")

__all__ = [
    "NAMES",
    "Normalize",
    "ResNet",
    "build_model",
    "cnn_small",
    "cnn_strided",
    "lenet",
    "linear_pil",
    "resnet18",
    "resnet_small",
]
