"""What a public function asks of the images, labels and places that it is given."""

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError

_INTEGERS = (
    *(torch.int8, torch.int16, torch.int32, torch.int64),
    *(torch.uint8, torch.uint16, torch.uint32, torch.uint64),
)


def check_images(images: Tensor, name: str = "images") -> None:
    """Refuses what are not uint8 images [N, C, H, W].

    Args:
        images: what a user gave.
        name: what the error message calls it.

    Raises:
        UnlearnableError: another type, dtype or number of dimensions.
    """
    check_uint8(images, name)
    if images.ndim != 4:
        raise UnlearnableError(
            f"{name} have shape {tuple(images.shape)}; it must be [N, C, H, W]. Give one image as "
            "images[None], and turn [N, H, W, C] with images.permute(0, 3, 1, 2)."
        )


def check_uint8(images: Tensor, name: str = "images") -> None:
    """Refuses what does not hold pixels of 8 bits; arguments and errors as for `check_images`."""
    if not isinstance(images, Tensor):
        raise UnlearnableError(
            f"{name} are a {type(images).__name__}; they must be a uint8 tensor. Convert an array "
            "with torch.from_numpy."
        )
    if images.dtype != torch.uint8:
        raise UnlearnableError(
            f"{name} are {images.dtype}; they must be uint8 with values 0 to 255. Convert floats "
            "in [0, 1] with (images * 255).round().to(torch.uint8)."
        )


def as_indices(values: Tensor, name: str, size: int) -> Tensor:
    """Labels or places of images, checked, as int64.

    A uint8 tensor must not index as it is: torch takes it for a mask.

    Args:
        values: [B] of any integer dtype.
        name: what the error message calls them.
        size: they must lie between 0 and size - 1.

    Returns:
        int64 [B], on the device of `values`.

    Raises:
        UnlearnableError: no integers, another number of dimensions, or out of range.
    """
    if not isinstance(values, Tensor) or values.dtype not in _INTEGERS:
        what = values.dtype if isinstance(values, Tensor) else type(values).__name__
        raise UnlearnableError(
            f"{name}: {what} given; they must be a tensor of integers. Convert a list with "
            "torch.tensor, a mask with mask.nonzero()[:, 0]."
        )
    if values.ndim != 1:
        raise UnlearnableError(
            f"{name} have shape {tuple(values.shape)}; it must be [B], a number for each image. "
            "Turn one-hot rows into numbers with argmax(1)."
        )
    numbers = values.long()
    if len(numbers) and not 0 <= int(numbers.min()) <= int(numbers.max()) < size:
        raise UnlearnableError(
            f"{name} run from {int(numbers.min())} to {int(numbers.max())}; they must lie between "
            f"0 and {size - 1}. Number them from 0."
        )
    return numbers
