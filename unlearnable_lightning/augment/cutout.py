"""Cutout: DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with
Cutout", arXiv 1708.04552."""

import torch
from torch import Tensor, nn

from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.errors import UnlearnableError


class Cutout(nn.Module):
    """Black out one square of every image.

    Its centre is drawn from all pixels and what leaves the image is cut off, so that a side of 16
    takes away 64 to 256 pixels.

    Args:
        size: side of the square in pixels, at least 1.

    Raises:
        UnlearnableError: `size` is below 1, or as large as the images, of which nothing would stay.

    Example:
        >>> cut = Cutout(16)(torch.rand(8, 3, 32, 32))
    """

    def __init__(self, size: int = 16) -> None:
        super().__init__()
        rule = "Cutout's square has at least 1 pixel, usually 16"
        self.size = whole_number("size", size, 1, rule)

    def forward(self, images: Tensor) -> Tensor:
        """Images [B, C, H, W] to the same shape and dtype."""
        height, width = images.shape[-2:]
        if self.size >= max(height, width):
            raise UnlearnableError(
                f"Cutout got size={self.size} for images of {height}×{width} pixels, of which "
                "little or nothing would stay. Give about half of their side."
            )
        inside = [self._inside(len(images), side, images.device) for side in (height, width)]
        square = inside[0][:, None, :, None] & inside[1][:, None, None, :]
        return images.masked_fill(square, 0)

    def _inside(self, count: int, side: int, device: torch.device) -> Tensor:
        """Rows (or columns) of the square of each image, bool [count, side]."""
        first = torch.randint(side, (count, 1), device=device) - self.size // 2
        places = torch.arange(side, device=device)
        return (places >= first) & (places < first + self.size)

    def extra_repr(self) -> str:
        """The arguments, for `print(module)`."""
        return f"size={self.size}"
