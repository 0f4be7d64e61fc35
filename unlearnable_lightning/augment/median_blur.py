"""Median blur (thesis Figure A.4)."""

from typing import Any

import kornia
import torch
import torch.nn.functional as F
from kornia.augmentation import IntensityAugmentationBase2D
from torch import Tensor

from unlearnable_lightning.augment.blur import check_kernel_size
from unlearnable_lightning.augment.check import check_probability
from unlearnable_lightning.errors import UnlearnableError

_WIDEST = 15  # 225 copies; of 128 images of CIFAR-10, 0.7 GB


class MedianBlur(IntensityAugmentationBase2D):
    """Replace every value by the median of its square window, channel by channel.

    Border pixels are repeated outwards, as in OpenCV's `medianBlur` (imgaug's backend) and PIL's
    `MedianFilter`; kornia's `RandomMedianBlur` reflects instead.

    Args:
        kernel_size: width of the window in pixels, odd and at least 3.
        p: probability with which an image is blurred.

    Raises:
        UnlearnableError: `kernel_size` is even, below 3 or above 15, or `p` is no probability.
    """

    def __init__(self, kernel_size: int = 3, p: float = 1.0) -> None:
        if check_kernel_size("MedianBlur", kernel_size) > _WIDEST:
            raise UnlearnableError(
                f"MedianBlur got kernel_size={kernel_size}, but takes at most {_WIDEST}: it holds "
                "as many copies of the images as a window has pixels. Give 3 or 5."
            )
        super().__init__(p=check_probability("MedianBlur's p", p))
        self.kernel_size = kernel_size
        self.flags = {"kernel_size": kernel_size}

    def apply_transform(
        self,
        input: Tensor,
        params: dict[str, Tensor],
        flags: dict[str, Any],
        transform: Tensor | None = None,
    ) -> Tensor:
        """Images [B, C, H, W] in [0, 1] to the same."""
        return median_blur(input, self.kernel_size)


def median_blur(images: Tensor, kernel_size: int) -> Tensor:
    """Median of the `kernel_size`² window (odd) around every value of images [B, C, H, W]."""
    reach = kernel_size // 2
    padded = F.pad(images, (reach,) * 4, mode="replicate")
    if kernel_size == 3:
        return _median_of_9(padded)
    # kornia's own border falls on our padding, and is cut off with it
    return kornia.filters.median_blur(padded, kernel_size)[..., reach:-reach, reach:-reach]


def _median_of_9(padded: Tensor) -> Tensor:
    """Median of every 3×3 window; [.., H + 2, W + 2] to [.., H, W].

    Every column of three is sorted once for the three windows that it is in. The median of nine is
    then the median of the largest low, the middle mid and the smallest high: 18 elementwise
    minima and maxima, on a CPU some ten times as fast as `torch.median` over the windows.
    """
    low, mid, high = _sort(padded[..., :-2, :], padded[..., 1:-1, :], padded[..., 2:, :])
    low_left, low_centre, low_right = _columns(low)
    high_left, high_centre, high_right = _columns(high)
    largest_low = torch.maximum(torch.maximum(low_left, low_centre), low_right)
    smallest_high = torch.minimum(torch.minimum(high_left, high_centre), high_right)
    return _median_of_3(largest_low, _median_of_3(*_columns(mid)), smallest_high)


def _columns(values: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return values[..., :-2], values[..., 1:-1], values[..., 2:]


def _sort(a: Tensor, b: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    a, b = torch.minimum(a, b), torch.maximum(a, b)
    b, c = torch.minimum(b, c), torch.maximum(b, c)
    return torch.minimum(a, b), torch.maximum(a, b), c


def _median_of_3(a: Tensor, b: Tensor, c: Tensor) -> Tensor:
    low, high = torch.minimum(a, b), torch.maximum(a, b)
    return torch.maximum(low, torch.minimum(high, c))
