"""A linear probe: what noise alone gives away to a linear model."""

from torch import nn

from unlearnable_lightning.models.normalize import Normalize


def linear(num_classes: int = 10, in_channels: int = 3, image_size: int = 32) -> nn.Sequential:
    """Logistic regression on pixels; on clean CIFAR-10 about 40 % of held-out images are right.

    Args:
        num_classes: K, the number of logits.
        in_channels: of the images.
        image_size: height and width.
    """
    pixels = in_channels * image_size**2
    return nn.Sequential(Normalize(), nn.Flatten(), nn.Linear(pixels, num_classes))
