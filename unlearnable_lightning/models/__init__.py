"""Models: images in [0, 1] to logits, each with `Normalize` as its first layer."""

from unlearnable_lightning.models.build import build_model
from unlearnable_lightning.models.cnn import cnn_small
from unlearnable_lightning.models.cnn_fast import cnn_fast
from unlearnable_lightning.models.cnn_pooled import cnn_pooled
from unlearnable_lightning.models.cnn_strided import cnn_strided
from unlearnable_lightning.models.lenet import lenet
from unlearnable_lightning.models.linear import linear
from unlearnable_lightning.models.linear_pil import linear_pil
from unlearnable_lightning.models.normalize import Normalize
from unlearnable_lightning.models.resnet import ResNet, resnet18, resnet_small
from unlearnable_lightning.models.small_stem import densenet121, mobilenetv2, resnet50
from unlearnable_lightning.models.vgg import vgg19
from unlearnable_lightning.models.vit import vit_small

NAMES = (
    "resnet18",
    "resnet50",
    "resnet_small",
    "vgg19",
    "densenet121",
    "mobilenetv2",
    "vit_small",
    "cnn_small",
    "cnn_pooled",
    "cnn_fast",
    "cnn_strided",
    "lenet",
    "linear",
    "linear_pil",
)

__all__ = [
    "NAMES",
    "Normalize",
    "ResNet",
    "build_model",
    "cnn_fast",
    "cnn_pooled",
    "cnn_small",
    "cnn_strided",
    "densenet121",
    "lenet",
    "linear",
    "linear_pil",
    "mobilenetv2",
    "resnet18",
    "resnet50",
    "resnet_small",
    "vgg19",
    "vit_small",
]
