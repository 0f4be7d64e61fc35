"""VGG for small pictures (Simonyan and Zisserman, ICLR 2015, arXiv 1409.1556)."""

from torch import nn

from unlearnable_lightning.models.normalize import Normalize

# channels of the convolutions between two poolings: configuration E
_STAGES = ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4)


def vgg19(num_classes: int = 10, in_channels: int = 3) -> nn.Sequential:
    """VGG-19 with BatchNorm and one linear layer, as the CIFAR literature has it: 20 million
    parameters instead of the 140 of three layers of 4096. Its last pooling takes what is left, so
    that 16×16 pixels are enough."""
    layers: list[nn.Module] = [Normalize()]
    before = in_channels
    for number, stage in enumerate(_STAGES):
        layers += [nn.MaxPool2d(2)] if number > 0 else []
        for channels in stage:
            layers += [
                nn.Conv2d(before, channels, 3, padding=1, bias=False),
                nn.BatchNorm2d(channels),
                nn.ReLU(inplace=True),
            ]
            before = channels
    layers += [nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(before, num_classes)]
    return nn.Sequential(*layers)
