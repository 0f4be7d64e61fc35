"""torchvision's networks for small pictures: a 3×3 stem that keeps the size, as in the literature
on CIFAR. Their own halve 32×32 pixels two or three times before the first block."""

from torch import nn
from torchvision import models

from unlearnable_lightning.models.normalize import Normalize


def resnet50(num_classes: int = 10, in_channels: int = 3) -> nn.Sequential:
    """ResNet-50 (He et al., arXiv 1512.03385) without its first pooling: 23.5 million
    parameters."""
    network = models.resnet50(num_classes=num_classes)
    network.conv1 = _stem(in_channels, 64)
    network.maxpool = nn.Identity()
    return nn.Sequential(Normalize(), network)


def densenet121(num_classes: int = 10, in_channels: int = 3) -> nn.Sequential:
    """DenseNet-121 (Huang et al., arXiv 1608.06993) without its first pooling: 7 million
    parameters."""
    network = models.densenet121(num_classes=num_classes)
    network.features.conv0 = _stem(in_channels, 64)
    network.features.pool0 = nn.Identity()
    return nn.Sequential(Normalize(), network)


def mobilenetv2(num_classes: int = 10, in_channels: int = 3) -> nn.Sequential:
    """MobileNetV2 (Sandler et al., arXiv 1801.04381) whose first two halvings are left out, without
    dropout: 2.2 million parameters."""
    stages = [
        [1, 16, 1, 1],
        [6, 24, 2, 1],  # torchvision: stride 2
        [6, 32, 3, 2],
        [6, 64, 4, 2],
        [6, 96, 3, 1],
        [6, 160, 3, 2],
        [6, 320, 1, 1],
    ]
    network = models.MobileNetV2(
        num_classes=num_classes, inverted_residual_setting=stages, dropout=0.0
    )
    network.features[0][0] = _stem(in_channels, 32)
    return nn.Sequential(Normalize(), network)


def _stem(in_channels: int, channels: int) -> nn.Conv2d:
    stem = nn.Conv2d(in_channels, channels, 3, padding=1, bias=False)
    nn.init.kaiming_normal_(stem.weight, mode="fan_out", nonlinearity="relu")
    return stem
