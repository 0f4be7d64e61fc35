"""Arrays of images or differences in the order [n, C, H, W]."""

import numpy as np

from unlearnable_lightning.errors import UnlearnableError


def as_nchw(array: np.ndarray, shape: tuple[int, int, int, int]) -> np.ndarray:
    """A view of an array n×C×H×W, n×H×W×C or, with one channel, n×H×W.

    Args:
        array: of any dtype.
        shape: (N, C, H, W) of the clean images.

    Raises:
        UnlearnableError: another shape, or one that can be read in two ways.
    """
    _, c, h, w = shape
    size = array.shape[1:]
    if c == 1 and size == (h, w):
        return array[:, None]
    first, last = size == (c, h, w), size == (h, w, c)
    if first and last and c > 1:
        raise UnlearnableError(
            f"it has shape {array.shape}, where channels may come first or last. Give images that "
            "are larger than their number of channels."
        )
    if not first and not last:
        raise UnlearnableError(
            f"it has shape {array.shape}; for images of shape {shape} it must be "
            f"n×{c}×{h}×{w} or n×{h}×{w}×{c}. Use the data that it was made for "
            "(data.image_size), or bring it into that shape."
        )
    return array if first else array.transpose(0, 3, 1, 2)
