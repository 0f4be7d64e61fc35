"""One picture, whatever its file holds, as 8-bit RGB."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.TiffImagePlugin import TiffImageFile

from unlearnable_lightning.checks.image_size import ImageSize, height_and_width
from unlearnable_lightning.errors import UnlearnableError

_BITS_PER_SAMPLE, _PHOTOMETRIC = 258, 262  # TIFF tags
_PREMULTIPLIED = {"La": "LA", "RGBa": "RGBA"}  # PIL converts these to nothing else


def read_picture(path: Path, size: ImageSize) -> np.ndarray:
    """A picture, upright, cropped around its centre to the shape that is wanted and resized.

    Of an animation or a file with several pages the first frame counts. What is transparent is
    shown on white, as on a page: the colour that a file keeps below it is seen by nobody. Grey
    pictures of 16 bits are scaled from their own range (65535 is white) to 0 to 255.

    Args:
        path: of any format that PIL reads.
        size: height and width, in pixels; one number for squares.

    Returns:
        uint8 [H, W, 3].

    Raises:
        UnlearnableError: no picture, a damaged one, or one of 32-bit numbers, which say nothing
            about what is black and what is white.
    """
    height, width = height_and_width(size)
    try:
        with Image.open(path) as picture:
            tags = picture.tag_v2 if isinstance(picture, TiffImageFile) else {}
            upright = ImageOps.exif_transpose(picture)  # cameras note the turn beside the pixels
            return np.asarray(ImageOps.fit(as_rgb(upright, tags), (width, height)))
    except (
        *(UnidentifiedImageError, OSError, Image.DecompressionBombError),
        *(ValueError, SyntaxError),  # what PIL raises on damaged .ppm, .ico and .png files
    ) as error:
        raise UnlearnableError(
            f"{path} is not a readable picture ({error}). Remove it or replace it."
        ) from error


def as_rgb(picture: Image.Image, tags: Mapping[int, Any] | None = None) -> Image.Image:
    """A picture of any of PIL's modes as mode RGB; see `read_picture`.

    Args:
        picture: of any mode.
        tags: of the TIFF file that it was read from.

    Raises:
        UnlearnableError: mode I or F.
    """
    if picture.mode in ("I", "F"):
        raise UnlearnableError(
            f"mode {picture.mode} holds 32-bit numbers and does not say which of them is black and "
            "which is white: scale them to 0 to 255 and save the picture with 8 bits"
        )
    if picture.mode.startswith("I;16"):  # PIL's own conversion clips at 255: all but black is white
        picture = _eight_bits(picture, tags or {})
    if picture.mode in _PREMULTIPLIED:
        picture = picture.convert(_PREMULTIPLIED[picture.mode])
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    page = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(page, picture.convert("RGBA")).convert("RGB")


def _eight_bits(picture: Image.Image, tags: Mapping[int, Any]) -> Image.Image:
    """Mode L of mode I;16. TIFFs of 12 bits come as 0 to 4095, and those whose white is 0 as they
    are: PIL inverts 8-bit ones alone."""
    values = np.asarray(picture).astype(np.int64)
    highest = 2 ** tags.get(_BITS_PER_SAMPLE, (16,))[0] - 1
    grey = (values * 255 + highest // 2) // highest
    if tags.get(_PHOTOMETRIC) == 0:
        grey = 255 - grey
    if "transparency" in picture.info:  # one value of 65536; 8 bits would make it 257 of them
        grey[values == picture.info["transparency"]] = 255
    return Image.fromarray(grey.clip(0, 255).astype(np.uint8))
