"""One picture at full size, with what must be kept of its file."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from unlearnable_lightning.data.picture import as_rgb
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.protect.colours import rgb_colours

_DRAWINGS = ("EPS", "PDF", "WMF", "EMF")  # PIL gives these to other programs to draw
_HEIC = (".heic", ".heif", ".hif")
_MPO = "MPO"  # a JPEG of many cameras: what follows the picture is its preview
_ORIENTATION = 0x0112


class NoPictureError(UnlearnableError):
    """A file is no picture that can be protected; the message is the reason, for the report."""


@dataclass(frozen=True)
class Picture:
    """What is to be written again.

    Attributes:
        pixels: uint8 [H, W, 3], upright.
        opacity: uint8 [H, W]; None if all of it is opaque.
        icc: the colour profile of `pixels`; None for sRGB.
        metadata: EXIF and XMP, as `Image.save` takes them.
        notes: what is not kept, in words.
    """

    pixels: np.ndarray
    opacity: np.ndarray | None = None
    icc: bytes | None = None
    metadata: Mapping[str, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def open_picture(path: Path, at_least: int | None = None) -> Picture:
    """Reads a picture of any format that PIL reads.

    Args:
        path: the file.
        at_least: a JPEG may be read at a part of its size, if its sides keep so many pixels, which
            takes a tenth of the time; None for full size.

    Raises:
        NoPictureError: it is none, or damaged, or too large.
    """
    try:
        with Image.open(path) as picture:
            if picture.format in _DRAWINGS:
                raise NoPictureError(f"a drawing ({picture.format}); save it as PNG first")
            if at_least is not None:
                picture.draft(None, (at_least, at_least))
            deep = any(";16" in str(tile.args) for tile in picture.tile)
            picture.load()
            return _taken_in(picture, deep)
    except (UnlearnableError, MemoryError) as error:
        raise NoPictureError(str(error) or "too large for the memory") from error
    except Image.DecompressionBombError as error:
        limit = 2 * (Image.MAX_IMAGE_PIXELS or 0) / 1e6
        raise NoPictureError(f"more than {limit:.0f} megapixels; make it smaller") from error
    except UnidentifiedImageError as error:
        heic = path.suffix.lower() in _HEIC
        raise NoPictureError(
            "HEIC, for which no decoder is installed; export it as JPEG" if heic else "no picture"
        ) from error
    except Exception as error:  # PIL raises nearly anything on damaged files
        raise NoPictureError(f"a damaged picture ({str(error) or type(error).__name__})") from error


def _taken_in(picture: ImageFile, deep: bool) -> Picture:
    """`deep`: the file has 16 bits for each value; of colours PIL says so before it loads alone."""
    notes = ["its 16 bits became 8"] if deep else []
    tags = picture.tag_v2 if isinstance(picture, TiffImageFile) else {}
    icc = picture.info.get("icc_profile")
    upright = _upright(picture)
    metadata = _metadata(upright)
    opacity = None
    if upright.has_transparency_data and not upright.mode.startswith("I;16"):
        with_opacity = upright.convert("RGBA")
        opacity = np.asarray(with_opacity.getchannel("A"))
        upright = with_opacity.convert("RGB")
    colours, icc, said = rgb_colours(upright, icc, lambda each: as_rgb(each, tags))
    pixels = np.asarray(colours)
    if picture.format != _MPO and _has_another_frame(picture):
        notes.append("of its several frames the first one is kept")
    return Picture(pixels, opacity, icc, metadata, (*notes, *said))


def _has_another_frame(picture: Image.Image) -> bool:
    try:
        picture.seek(1)
    except Exception:  # EOFError, or what a damaged second frame raises
        return False
    return True


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # damaged EXIF says nothing of the orientation
        return picture


def _metadata(upright: Image.Image) -> dict[str, bytes]:
    """EXIF, without its orientation, and XMP, where the file has them and they can be read."""
    kept: dict[str, bytes] = {}
    try:
        exif = upright.getexif()
        exif.pop(_ORIENTATION, None)
        if len(exif):
            kept["exif"] = exif.tobytes()
    except (OSError, ValueError, TypeError, SyntaxError, KeyError, struct.error):
        pass  # damaged; pixels are what counts
    xmp = upright.info.get("xmp")
    return kept | ({"xmp": xmp} if isinstance(xmp, bytes) else {})
