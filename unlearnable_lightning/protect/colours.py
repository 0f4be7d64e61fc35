"""Pixels of any colour model as RGB, with the profile that says what they mean."""

import io
from collections.abc import Callable

from PIL import Image, ImageCms

_LARGEST = 2**20  # bytes; PIL refuses to read a PNG with a longer profile


def rgb_colours(
    picture: Image.Image, icc: bytes | None, plain: Callable[[Image.Image], Image.Image]
) -> tuple[Image.Image, bytes | None, tuple[str, ...]]:
    """A picture as RGB; the profile of its pixels; what was done to them, in words.

    The profile of an RGB picture is kept. That of another (CMYK, grey) does not fit RGB pixels:
    they are brought to sRGB by it.

    Args:
        picture: of any mode.
        icc: its colour profile.
        plain: conversion to RGB without a profile.
    """
    if icc is None:
        said = ("CMYK became RGB",) if picture.mode == "CMYK" else ()
        return plain(picture), None, said
    if icc[16:20] == b"RGB " and picture.mode not in ("CMYK", "LAB") and len(icc) <= _LARGEST:
        return plain(picture), icc, ()
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        srgb = ImageCms.createProfile("sRGB")
        brought = ImageCms.profileToProfile(picture, profile, srgb, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return plain(picture), None, ("its colour profile could not be used",)
    assert brought is not None  # it was not asked to work in place
    return brought, None, ("its colours were brought to sRGB",)
