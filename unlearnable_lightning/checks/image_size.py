"""The argument `image_size`: one number for squares, or height and width."""

from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.errors import UnlearnableError

ImageSize = int | tuple[int, int]
_RULE = "an image has at least 1 pixel"


def height_and_width(image_size: ImageSize) -> tuple[int, int]:
    """(H, W) of an argument.

    Args:
        image_size: a whole number, or two of them: height, then width.

    Raises:
        UnlearnableError: neither, or below 1.
    """
    if not isinstance(image_size, (tuple, list)):
        size = whole_number("image_size", image_size, 1, _RULE)
        return size, size
    if len(image_size) != 2:
        raise UnlearnableError(
            f"image_size={image_size!r}: give one number for squares, or height and width, such as "
            "[48, 64]."
        )
    height, width = (whole_number("image_size", each, 1, _RULE) for each in image_size)
    return height, width


def image_size_of(height: int, width: int) -> ImageSize:
    """The argument for images of this height and width."""
    return height if height == width else (height, width)
