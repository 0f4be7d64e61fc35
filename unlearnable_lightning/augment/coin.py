"""COIN: Li et al., "Detecting and Corrupting Convolution-based Unlearnable Examples", AAAI 2025,
arXiv 2311.18403."""

import torch
from torch import Tensor, nn

from unlearnable_lightning.augment.check import check_float
from unlearnable_lightning.augment.eight_bits import eight_bits
from unlearnable_lightning.errors import UnlearnableError


class COIN(nn.Module):
    """Shift every pixel by a small distance of its own, against noise that is a convolution.

    The displacements dx, dy ~ U(-alpha, alpha) are drawn for each pixel and shared by its channels.
    Values between pixels are bilinear; what lies beyond a border comes from the opposite one. The
    result is in 8 bits. The paper applies it after crop and flip.

    Args:
        alpha: largest displacement in pixels, above 0; the paper tries 0.8 to 3.2.

    Raises:
        UnlearnableError: `alpha` is not above 0 or not finite.

    Example:
        >>> shaken = COIN(alpha=2.0)(torch.rand(8, 3, 32, 32))
    """

    def __init__(self, alpha: float = 2.0) -> None:
        if not 0 < alpha < float("inf"):
            raise UnlearnableError(
                f"COIN got alpha={alpha}, but it must be above 0 (0 changes nothing). Give one, "
                "such as 2.0."
            )
        super().__init__()
        self.alpha = alpha

    def forward(self, images: Tensor) -> Tensor:
        """Images [B, C, H, W] in [0, 1] to the same, at multiples of 1/255."""
        check_float("COIN", images)
        batch, _, height, width = images.shape
        shifts = torch.rand(2, batch, height, width, device=images.device)
        dy, dx = (2 * shifts - 1) * self.alpha
        return eight_bits(displaced(images.float(), dy, dx)).to(images.dtype)

    def extra_repr(self) -> str:
        """The arguments, for `print(module)`."""
        return f"alpha={self.alpha}"


def displaced(images: Tensor, dy: Tensor, dx: Tensor) -> Tensor:
    """The value at (y + dy, x + dx) for every pixel (y, x), bilinear, with wrap-around.

    Args:
        images: float [B, C, H, W].
        dy: rows downwards, float [B, H, W].
        dx: columns to the right, likewise.
    """
    channels, height, width = images.shape[1:]
    rows = torch.arange(height, device=images.device)[:, None] + dy
    columns = torch.arange(width, device=images.device) + dx
    top, left = rows.floor(), columns.floor()
    down, right = rows - top, columns - left
    flat, result = images.flatten(2), torch.zeros_like(images)
    for row, share_y in ((top, 1 - down), (top + 1, down)):
        for column, share_x in ((left, 1 - right), (left + 1, right)):
            place = (row.long() % height) * width + column.long() % width
            place = place.flatten(1)[:, None].expand(-1, channels, -1)
            values = flat.gather(2, place).view(images.shape)
            result += values * (share_y * share_x)[:, None]
    return result
