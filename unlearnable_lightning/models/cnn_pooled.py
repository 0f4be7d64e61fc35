"""A convolutional network of seven layers that pools within its stages."""

from typing import Literal

from torch import nn

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.models.normalize import Normalize


def cnn_pooled(
    num_classes: int = 10,
    in_channels: int = 3,
    pool: Literal["max", "average"] = "max",
    width: float = 1.0,
) -> nn.Sequential:
    """A 2×2 stem of 24 channels without padding, three stages (32, 128 and 128 channels) of two 3×3
    convolutions with a pooling between them, global pooling: 498 000 parameters.

    Args:
        num_classes: K, the number of logits.
        in_channels: of the images, of at least 9×9 pixels.
        pool: all four poolings take the largest number, or the average.
        width: 0.1 to 10; the channels are so many times those above.

    Raises:
        UnlearnableError: another `pool` or `width`.
    """
    if pool not in ("max", "average"):
        raise UnlearnableError(f"cnn_pooled: pool={pool!r}: give max or average.")
    if isinstance(width, bool | str) or not 0.1 <= width <= 10:
        raise UnlearnableError(
            f"cnn_pooled: width={width!r} is no number from 0.1 to 10: give one, such as 0.5 for "
            "half as many channels."
        )
    stem, *stages = (round(width * channels) for channels in (24, 32, 128, 128))
    halving, all_places = (
        (nn.MaxPool2d, nn.AdaptiveMaxPool2d)
        if pool == "max"
        else (nn.AvgPool2d, nn.AdaptiveAvgPool2d)
    )
    layers: list[nn.Module] = [Normalize(), nn.Conv2d(in_channels, stem, 2), nn.GELU()]
    before = stem
    for channels in stages:
        layers += [
            nn.Conv2d(before, channels, 3, padding=1, bias=False),
            halving(2),
            nn.BatchNorm2d(channels),
            nn.GELU(),
            nn.Conv2d(channels, channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(channels),
            nn.ReLU(inplace=True),
        ]
        before = channels
    return nn.Sequential(*layers, all_places(1), nn.Flatten(), nn.Linear(before, num_classes))
