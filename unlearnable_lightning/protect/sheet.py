"""The contact sheet: a few pictures clean, their noise, and protected."""

import base64
import io
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageOps

from unlearnable_lightning.protect.picture import Picture

_TIMES = 10
_SIDE = 240


@dataclass(frozen=True)
class Row:
    """One picture of the sheet; each image is a `data:` address of a JPEG.

    Attributes:
        title: its name.
        images: clean, noise ten times as strong, protected, and both at full size side by side.
    """

    title: str
    images: tuple[str, ...]


def row(title: str, clean: Picture, noisy: Picture) -> Row:
    """A row of the sheet from both versions of a picture."""
    small_clean, small_noisy = (_small(each.pixels) for each in (clean, noisy))
    difference = noisy.pixels.astype(np.int16) - clean.pixels
    noise = (128 + _TIMES * difference).clip(0, 255).astype(np.uint8)
    middle = np.hstack([_middle(clean.pixels), _middle(noisy.pixels)])
    images = (small_clean, _small(noise), small_noisy, Image.fromarray(middle))
    return Row(title, tuple(_address(image) for image in images))


def _small(pixels: np.ndarray) -> Image.Image:
    return ImageOps.contain(Image.fromarray(pixels), (_SIDE, _SIDE))


def _middle(pixels: np.ndarray) -> np.ndarray:
    """The middle of a picture, pixel by pixel."""
    height, width = pixels.shape[:2]
    side = min(_SIDE // 2 * 2, height), min(_SIDE // 2, width)
    top, left = (height - side[0]) // 2, (width - side[1]) // 2
    return pixels[top : top + side[0], left : left + side[1]]


def _address(image: Image.Image) -> str:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode("ascii")
