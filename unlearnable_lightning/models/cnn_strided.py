"""A convolutional network that learns CIFAR-10 in a few minutes on a CPU core."""

from torch import nn

from unlearnable_lightning.models.normalize import Normalize


def cnn_strided(num_classes: int = 10, in_channels: int = 3) -> nn.Sequential:
    """A 4×4 stem of stride 2, so that no 3×3 convolution works at full size, two stages of two 3×3
    convolutions with BatchNorm (64 and 96 channels), global max-pooling: 207 000 parameters."""
    stem = nn.Conv2d(in_channels, 48, 4, stride=2, padding=1, bias=False)
    layers: list[nn.Module] = [Normalize(), stem, nn.BatchNorm2d(48), nn.ReLU(inplace=True)]
    before = 48
    for channels in (64, 96):
        layers += [
            nn.Conv2d(before, channels, 3, padding=1, bias=False),
            nn.MaxPool2d(2),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        ]
        before = channels
    return nn.Sequential(
        *layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(before, num_classes)
    )
