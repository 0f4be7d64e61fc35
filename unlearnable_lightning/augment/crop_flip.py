"""Random crop and horizontal flip: the standard CIFAR-10 augmentation of the thesis's victims."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unlearnable_lightning.augment.check import check_probability
from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.errors import UnlearnableError


class RandomCropFlip(nn.Module):
    """Shift every image by up to `padding` pixels (black moves in) and mirror it at random.

    A plain module, not kornia's `GeometricAugmentationBase2D`: that one refuses uint8 images, and
    crop and flip as two of its modules take two to three times as long as the one gather here.

    Args:
        padding: black pixels put around the image before a window of its size is cut out.
        p_flip: probability with which an image is mirrored left to right.

    Raises:
        UnlearnableError: `padding` is negative, `p_flip` is no probability, or both are 0.
    """

    def __init__(self, padding: int = 4, p_flip: float = 0.5) -> None:
        rule = "RandomCropFlip's padding is a number of pixels, 0 or more, usually 4"
        padding = whole_number("padding", padding, 0, rule)
        if check_probability("RandomCropFlip's p_flip", p_flip) == padding == 0:
            raise UnlearnableError(
                f"RandomCropFlip got padding={padding} and p_flip={p_flip}, but one of "
                "the two must be above 0. Give padding=4, or leave the augmentation out."
            )
        super().__init__()
        self.padding, self.p_flip = padding, p_flip

    def forward(self, images: Tensor) -> Tensor:
        """Images [B, C, H, W] of any dtype to the same shape and dtype."""
        return crop_flip(images, *self.draw(len(images), images.device), self.padding)

    def draw(self, count: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
        """For `count` images: top and left in [0, 2·padding], int64 [B], and flip, bool [B]."""
        top, left = torch.randint(2 * self.padding + 1, (2, count), device=device)
        return top, left, torch.rand(count, device=device) < self.p_flip

    def extra_repr(self) -> str:
        """The arguments, for `print(module)`."""
        return f"padding={self.padding}, p_flip={self.p_flip}"


def crop_flip(images: Tensor, top: Tensor, left: Tensor, flip: Tensor, padding: int) -> Tensor:
    """Cut the window at (top, left) out of every zero-padded image, then mirror where `flip`.

    Args:
        images: [B, C, H, W].
        top: first row of each window in the padded image, int64 [B] in [0, 2·padding].
        left: its first column, likewise.
        flip: whether to mirror the window, bool [B].
        padding: zeros around the image.

    Returns:
        Windows [B, C, H, W] of the images' dtype.
    """
    batch, channels, height, width = images.shape
    padded = F.pad(images, (padding,) * 4)
    columns = torch.arange(width, device=images.device)
    columns = left[:, None] + torch.where(flip[:, None], width - 1 - columns, columns)
    rows = top[:, None] + torch.arange(height, device=images.device)
    pixels = rows[:, :, None] * padded.shape[-1] + columns[:, None, :]
    pixels = pixels.view(batch, 1, height * width).expand(-1, channels, -1)
    return padded.flatten(2).gather(2, pixels).view(images.shape)
