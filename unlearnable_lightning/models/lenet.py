"""The network of the MNIST experiments."""

from torch import nn

from unlearnable_lightning.checks.image_size import ImageSize, height_and_width
from unlearnable_lightning.models.normalize import Normalize


def lenet(num_classes: int = 10, in_channels: int = 1, image_size: ImageSize = 28) -> nn.Sequential:
    """A LeNet-style CNN without BatchNorm, as the MNIST experiments of the thesis (Section 3.3.1)
    and of Madry et al. (Section 3) use: 5×5 convolutions with 32 and 64 channels, each followed by
    2×2 max-pooling, and 1024 hidden units.

    Args:
        num_classes: K, the number of logits.
        in_channels: 1 or 3.
        image_size: height and width, at least 4; one number, or two where they differ.
    """
    height, width = (side // 2 // 2 for side in height_and_width(image_size))
    return nn.Sequential(
        Normalize(),
        nn.Conv2d(in_channels, 32, 5, padding=2),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(64 * height * width, 1024),
        nn.ReLU(inplace=True),
        nn.Linear(1024, num_classes),
    )
