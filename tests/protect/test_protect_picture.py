"""What is kept of a picture's file, and what is not."""

import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from nasty import chunk, grain, srgb
from PIL import Image, ImageCms
from protect_call import Call

from unlearnable_lightning.protect.picture import NoPictureError, open_picture

GPS = 0x8825
XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>secret place</x:xmpmeta>"


def photo(path: Path) -> None:
    """Turned by its camera, with a place, a profile and XMP."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    exif.get_ifd(GPS)[1] = "N"
    options = {"exif": exif, "icc_profile": srgb(), "xmp": XMP, "quality": 95}
    Image.fromarray(grain(20, 30)).save(path, **options)


@pytest.mark.parametrize("format", ["png", "webp"])
@pytest.mark.parametrize("keep", ["false", "true"])
def test_metadata_go_along_on_request_alone(
    format: str, keep: str, folder: Path, tmp_path: Path, call: Call
) -> None:
    first = sorted(folder.iterdir())[0]
    photo(first / "photo.jpg")
    options = ("--keep_metadata", keep, "--format", format)
    assert call(folder, tmp_path / "out", *options) == 0
    file = tmp_path / "out" / first.name / f"photo.{format}"
    with Image.open(file) as picture:
        assert picture.size == (20, 30)
        assert picture.info["icc_profile"] == srgb()
        exif = picture.getexif()
        assert 0x0112 not in exif  # it stands upright
        assert exif.get_ifd(GPS) == ({1: "N"} if keep == "true" else {})
        assert (0x010F in exif) == (keep == "true")
    assert (b"secret place" in file.read_bytes()) == (keep == "true")


def test_no_byte_of_metadata_is_left_unasked(folder: Path, tmp_path: Path, call: Call) -> None:
    first = sorted(folder.iterdir())[0]
    photo(first / "photo.jpg")
    note = Image.open(first / sorted(first.glob("[0-9]*.png"))[0].name)
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text("Author", "secret name")
    note.save(first / "text.png", pnginfo=text, exif=_exif("secret camera"))
    assert call(folder, tmp_path / "out") == 0
    for file in (tmp_path / "out").rglob("*.png"):
        found = file.read_bytes()
        assert b"secret" not in found
        assert b"eXIf" not in found
        assert b"Text" not in found


def _exif(maker: str) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = maker
    return exif


def test_cmyk_and_grey_come_to_rgb_and_leave_a_profile_that_does_not_fit(tmp_path: Path) -> None:
    grey = tmp_path / "grey.png"
    profile = bytearray(srgb())
    profile[16:20] = b"GRAY"
    Image.fromarray(grain(9, 9, 1)[..., 0]).save(grey, icc_profile=bytes(profile))
    found = open_picture(grey)
    assert found.icc is None
    assert found.notes
    assert found.pixels.shape == (9, 9, 3)
    Image.fromarray(grain(9, 9)).convert("CMYK").save(tmp_path / "cmyk.jpg")
    assert open_picture(tmp_path / "cmyk.jpg").notes == ("CMYK became RGB",)


def test_a_profile_brings_other_colour_models_to_srgb(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    path = tmp_path / "lab.tif"
    clean = Image.fromarray(np.full((9, 9, 3), (180, 90, 60), np.uint8))
    srgb_profile, lab_profile = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    in_lab = ImageCms.profileToProfile(clean, srgb_profile, lab_profile, outputMode="LAB")
    in_lab.save(path, icc_profile=lab)
    found = open_picture(path)
    assert np.abs(found.pixels.astype(int) - (180, 90, 60)).max() <= 3
    assert found.icc is None


def test_16_bits_are_scaled_and_said(tmp_path: Path) -> None:
    values = np.full((9, 9), 40000, np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    found = open_picture(tmp_path / "deep.png")
    assert found.notes == ("its 16 bits became 8",)
    assert abs(int(found.pixels[0, 0, 0]) - 40000 / 257) < 1


def test_16_bits_of_colours_are_said_too(tmp_path: Path) -> None:
    path = tmp_path / "deep.png"
    header = struct.pack(">IIBBBBB", 2, 2, 16, 2, 0, 0, 0)
    pixels = zlib.compress((b"\0" + bytes(range(12))) * 2)
    parts = ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts))
    assert open_picture(path).notes == ("its 16 bits became 8",)


def test_opacity_of_a_palette_is_kept(tmp_path: Path) -> None:
    picture = Image.fromarray(grain(9, 9)).quantize(8)
    picture.save(tmp_path / "clear.gif", transparency=3)
    opacity = open_picture(tmp_path / "clear.gif").opacity
    assert opacity is not None
    assert set(np.unique(opacity)) <= {0, 255}


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # `protect` silences them all
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".gif", ".webp", ".tif", ".bmp", ".ppm"])
def test_a_file_cut_or_spoiled_anywhere_is_a_reason_and_no_crash(
    suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"whole{suffix}"
    Image.fromarray(grain(16, 16)).save(path)
    whole, random = path.read_bytes(), np.random.default_rng(0)
    for _ in range(40):
        spoiled = bytearray(whole[: random.integers(0, len(whole))])
        for place in random.integers(0, max(len(spoiled), 1), 3):
            spoiled[place : place + 1] = random.bytes(1)
        path.write_bytes(bytes(spoiled))
        with suppress(NoPictureError):  # and nothing else
            open_picture(path)
