"""Pictures of every mode that PIL knows, and of the files that hold them."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from unlearnable_lightning.data.picture import as_rgb, read_picture
from unlearnable_lightning.errors import UnlearnableError

LEVELS = np.array([[0, 1, 100], [128, 254, 255]])  # of 8 bits
COLOUR = (200, 120, 40)
SIXTEEN = ("I;16", "I;16B", "I;16L", "I;16N")
TRANSPARENT = ("LA", "La", "PA", "RGBA", "RGBa")
PLAIN = ("RGB", "RGBX", "YCbCr", "HSV", "CMYK")
GREY = ("1", "L", "P")


def sixteen_bits(values: np.ndarray, mode: str = "I;16") -> Image.Image:
    dtype = {"I;16B": ">u2", "I;16N": "=u2"}.get(mode, "<u2")
    height, width = values.shape
    return Image.frombytes(mode, (width, height), values.astype(dtype).tobytes())


def seen(picture: Image.Image, tags: Any = None) -> list[Any]:
    return np.asarray(as_rgb(picture, tags)).tolist()


def grey(levels: np.ndarray) -> list[Any]:
    return np.stack([levels] * 3, axis=2).tolist()


def test_every_mode_of_pil_is_tested_here() -> None:
    assert {*Image.MODES} == {*GREY, *PLAIN, *SIXTEEN, *TRANSPARENT, "LAB", "I", "F"}


@pytest.mark.parametrize("mode", SIXTEEN)
def test_grey_of_16_bits_is_scaled_from_its_range(mode: str) -> None:
    assert seen(sixteen_bits(LEVELS * 257, mode)) == grey(LEVELS)
    assert seen(sixteen_bits(np.array([[128, 129, 65406, 65407]]), mode)) == grey(
        np.array([[0, 1, 254, 255]])  # rounded to the nearest level
    )


@pytest.mark.parametrize("mode", ["I", "F"])
@pytest.mark.parametrize("extension", ["tiff", "pgm"])
def test_numbers_without_a_range_are_refused(mode: str, extension: str, tmp_path: Path) -> None:
    if extension == "pgm" and mode == "F":
        extension = "pfm"
    path = tmp_path / f"a.{extension}"
    Image.fromarray(LEVELS.astype({"I": "int32", "F": "float32"}[mode])).save(path)
    with Image.open(path) as picture:
        assert picture.mode == mode
    with pytest.raises(UnlearnableError, match=f"a.{extension} is not.*mode {mode} .*with 8 bits"):
        read_picture(path, 2)


@pytest.mark.parametrize("mode", PLAIN)
def test_colours_are_what_they_were(mode: str) -> None:
    shown = np.array(seen(Image.new("RGB", (2, 2), COLOUR).convert(mode)))
    assert np.abs(shown - COLOUR).max() <= 2  # HSV and YCbCr round


def test_lab_is_converted_by_its_profile() -> None:
    """L = 54, a = 81, b = 70 is the red of sRGB."""
    red = Image.frombytes("LAB", (1, 1), bytes([round(54 * 2.55), 81, 70]))
    (((r, g, b),),) = seen(red)
    assert r > 245
    assert g < 40
    assert b < 40


@pytest.mark.parametrize("mode", GREY)
def test_grey_and_palettes_are_what_they_were(mode: str) -> None:
    picture = Image.fromarray(np.array([[0, 255]], dtype=np.uint8)).convert(mode)
    assert seen(picture) == grey(np.array([[0, 255]]))


def test_palette_of_colours() -> None:
    assert seen(Image.new("RGB", (1, 1), COLOUR).quantize(4)) == [[[*COLOUR]]]


@pytest.mark.parametrize("mode", ["RGBA", "RGBa"])
def test_transparent_colour_is_shown_on_white(mode: str) -> None:
    """Opaque, half and not at all, the colour of the last being seen by nobody."""
    alpha = np.array([[255, 128, 0]])
    pixels = np.dstack([np.full_like(alpha, level) for level in COLOUR] + [alpha])
    shown = np.array(seen(Image.fromarray(pixels.astype(np.uint8)).convert(mode)))
    half = [round(255 - (255 - level) * 128 / 255) for level in COLOUR]
    assert np.abs(shown - [[COLOUR, half, (255, 255, 255)]]).max() <= 1


@pytest.mark.parametrize("mode", ["LA", "La"])
def test_transparent_grey_is_shown_on_white(mode: str) -> None:
    pixels = np.array([[[100, 255], [0, 0]]], dtype=np.uint8)
    picture = Image.frombytes("LA", (2, 1), pixels.tobytes())
    assert seen(picture.convert(mode)) == grey(np.array([[100, 255]]))


def test_transparent_palette_is_shown_on_white() -> None:
    picture = Image.new("PA", (2, 1))
    picture.putpalette([*COLOUR, 1, 2, 3])
    picture.putdata([(0, 255), (1, 0)])
    assert seen(picture) == [[[*COLOUR], [255, 255, 255]]]


@pytest.mark.parametrize(
    ("mode", "value", "transparency"),
    [
        ("1", 0, 0),
        ("L", 7, 7),
        ("RGB", COLOUR, COLOUR),
        ("P", 1, 1),
        ("P", 1, b"\xff\0"),
        ("I;16", 300, 300),
    ],
)
def test_the_transparent_value_of_a_png_is_shown_on_white(
    mode: str, value: Any, transparency: Any, tmp_path: Path
) -> None:
    picture = Image.new(mode, (2, 2), value)
    if mode == "P":
        picture.putpalette([9, 9, 9, 5, 5, 5])
    if mode == "I;16":
        picture.putpixel((1, 1), 301)  # the same level in 8 bits, and opaque
    picture.save(tmp_path / "a.png", transparency=transparency)
    shown = read_picture(tmp_path / "a.png", 2)
    assert shown[0, 0].tolist() == [255, 255, 255]
    assert shown[1, 1].tolist() == ([1, 1, 1] if mode == "I;16" else [255, 255, 255])


@pytest.mark.parametrize("extension", ["png", "tiff", "jp2"])
def test_files_of_16_bits_are_neither_white_nor_black(extension: str, tmp_path: Path) -> None:
    levels = np.tile(np.arange(256), (256, 1))
    Image.fromarray((levels * 257).astype(np.uint16)).save(tmp_path / f"a.{extension}")
    shown = read_picture(tmp_path / f"a.{extension}", 256)
    assert np.abs(shown - np.stack([levels] * 3, axis=2)).max() <= (1 if extension == "jp2" else 0)


def tiff(path: Path, bits: int, photometric: int, pixels: bytes, width: int) -> None:
    """An uncompressed grey TIFF of one row, little-endian."""
    tags = {256: width, 257: 1, 258: bits, 259: 1, 262: photometric, 277: 1, 278: 1}
    tags |= {273: 8 + 2 + 12 * 9 + 4, 279: len(pixels)}
    fields = b"".join(struct.pack("<HHIHH", tag, 3, 1, tags[tag], 0) for tag in sorted(tags))
    header = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    path.write_bytes(header + fields + struct.pack("<I", 0) + pixels)


def test_tiff_of_12_bits_has_a_range_of_its_own(tmp_path: Path) -> None:
    tiff(tmp_path / "a.tiff", 12, 1, bytes([0xFF, 0xF8, 0x00, 0x00, 0x0F, 0xFF]), 4)
    with Image.open(tmp_path / "a.tiff") as picture:
        assert np.asarray(picture).tolist() == [[4095, 2048, 0, 4095]]
    shown = read_picture(tmp_path / "a.tiff", 1)  # the middle column of the four
    assert seen_row(tmp_path / "a.tiff") == [255, 128, 0, 255]
    assert shown.shape == (1, 1, 3)


def test_tiff_whose_white_is_zero_is_inverted(tmp_path: Path) -> None:
    tiff(tmp_path / "a.tiff", 16, 0, struct.pack("<3H", 0, 100 * 257, 65535), 3)
    assert seen_row(tmp_path / "a.tiff") == [255, 155, 0]


def seen_row(path: Path) -> list[int]:
    with Image.open(path) as picture:
        return np.asarray(as_rgb(picture.copy(), picture.tag_v2))[0, :, 0].tolist()


@pytest.mark.parametrize("extension", ["gif", "png", "webp", "tiff"])
def test_first_frame_of_an_animation_counts(extension: str, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "lime", "blue")]
    path = tmp_path / f"a.{extension}"
    lossless = {"lossless": True} if extension == "webp" else {}
    frames[0].save(path, save_all=True, append_images=frames[1:], **lossless)
    with Image.open(path) as picture:
        assert picture.n_frames == 3
    assert (read_picture(path, 4) == (255, 0, 0)).all()


def test_turned_16_bit_picture_is_shown_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    picture = sixteen_bits(np.array([[0, 0], [65535, 65535]]))
    picture.save(tmp_path / "a.png", exif=exif)
    assert read_picture(tmp_path / "a.png", 2)[:, :, 0].tolist() == [[255, 255], [0, 0]]
