"""The cheap pixel defences whose effect on the noise is shown: T(poisoned) - T(clean).

Liu et al., "Image Shortcut Squeezing", ICML 2023, arXiv 2301.13838, and a median. They work on
whole grey levels, as a trainer who stores the images does.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from unlearnable_lightning.augment.jpeg_codec import jpeg
from unlearnable_lightning.augment.median_blur import median_blur

_CHUNK = 500  # images that are float at once


def gray(images: Tensor) -> Tensor:
    """The luma in all channels, by 16-bit integers as PIL has it: uint8 [B, 3, H, W]."""
    red, green, blue = images.int().split(1, dim=1)
    luma: Tensor = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16
    return luma.to(torch.uint8).expand_as(images)


def jpeg_10(images: Tensor) -> Tensor:
    """Coded at libjpeg's quality 10, 4:2:0, and decoded: uint8 [B, 1 or 3, H, W]."""
    parts = [jpeg(part.float() / 255, 10) * 255 for part in images.split(_CHUNK)]
    return torch.cat(parts).round_().to(torch.uint8)


def two_bits(images: Tensor) -> Tensor:
    """The two top bits of each value, which leave 0, 64, 128 and 192: uint8, any shape."""
    return images & 0b11000000


def median_3(images: Tensor) -> Tensor:
    """The median of each window of 3×3: uint8 [B, C, H, W]."""
    return median_blur(images, 3)


def pixel_defences(channels: int) -> dict[str, Callable[[Tensor], Tensor]]:
    """Those that change images of so many channels, by their titles."""
    every: dict[str, Callable[[Tensor], Tensor]] = {
        "gray": gray,
        "JPEG-10": jpeg_10,
        "bit depth 2": two_bits,
        "median 3×3": median_3,
    }
    return {title: each for title, each in every.items() if channels == 3 or each is not gray}
