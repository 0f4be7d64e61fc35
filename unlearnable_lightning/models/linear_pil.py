"""The surrogate of PIL: Liu, Chen and Zhang, ICLR 2026, arXiv 2601.19967."""

from torch import nn

from unlearnable_lightning.models.normalize import Normalize


def linear_pil(num_classes: int = 10, in_channels: int = 3, image_size: int = 32) -> nn.Sequential:
    """Two linear layers without a bias and with nothing in between: one linear map in two factors.

    Pixels come in as they are, so that noise of 0 gives logits of 0. On CIFAR-10 it gets a third of
    the images right.

    Args:
        num_classes: K, the number of logits.
        in_channels: of the images.
        image_size: height and width in pixels.
    """
    return nn.Sequential(
        Normalize(mean=0.0, std=1.0),
        nn.Flatten(),
        nn.Linear(in_channels * image_size**2, num_classes, bias=False),
        nn.Linear(num_classes, num_classes, bias=False),
    )
