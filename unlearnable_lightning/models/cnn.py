"""A small convolutional network for the demo and for two CPU cores."""

from torch import nn

from unlearnable_lightning.models.normalize import Normalize


def cnn_small(num_classes: int = 10, in_channels: int = 3) -> nn.Sequential:
    """Three 3×3 convolutions with BatchNorm (16, 32, 64 channels), two poolings: about 24 000
    parameters."""
    layers: list[nn.Module] = [Normalize()]
    before = in_channels
    for channels, pool in ((16, True), (32, True), (64, False)):
        layers += [
            nn.Conv2d(before, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            *([nn.MaxPool2d(2)] if pool else []),  # before the ReLU: the same, on a quarter of it
            nn.ReLU(inplace=True),
        ]
        before = channels
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, num_classes)]
    return nn.Sequential(*layers)
