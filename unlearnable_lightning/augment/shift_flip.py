"""Real-valued shifts and flips: the views of TAP, HYPO and EntF (Fowl et al., "Adversarial
Examples Make Strong Poisons", arXiv 2106.10807)."""

import math

import torch
from torch import Tensor, nn

from unlearnable_lightning.augment.check import check_float, check_probability
from unlearnable_lightning.augment.resample import resample
from unlearnable_lightning.errors import UnlearnableError


class RandomShiftFlip(nn.Module):
    """Shift every image by up to `shift` pixels in each axis and mirror it at random.

    Unlike `RandomCropFlip` it draws any real number of pixels, U(-shift, shift), and reads between
    pixels by bilinear weights. Black moves in, as with HYPO; TAP's code shifts standardised images,
    so that there the mean colour moves in.

    Args:
        shift: largest shift in pixels.
        p_flip: probability with which an image is mirrored left to right.

    Raises:
        UnlearnableError: `shift` is negative or not finite, `p_flip` is no probability, or both
            are 0.
    """

    def __init__(self, shift: float = 4.0, p_flip: float = 0.5) -> None:
        check_probability("RandomShiftFlip's p_flip", p_flip)
        if not 0 <= shift < math.inf or shift == p_flip == 0:
            raise UnlearnableError(
                f"RandomShiftFlip got shift={shift} and p_flip={p_flip}, but shift must be a "
                "number of pixels that is not negative, and one of the two above 0. Give shift=4, "
                "or leave the augmentation out."
            )
        super().__init__()
        self.shift, self.p_flip = shift, p_flip

    def forward(self, images: Tensor) -> Tensor:
        """Float images [B, C, H, W] in [0, 1] to the same shape and dtype."""
        check_float("RandomShiftFlip", images)
        return shift_flip(images, *self.draw(len(images), images.device))

    def draw(self, count: int, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
        """For `count` images: down and right in [-shift, shift], float [B], and flip, bool [B]."""
        down, right = (2 * torch.rand(2, count, device=device) - 1) * self.shift
        return down, right, torch.rand(count, device=device) < self.p_flip

    def extra_repr(self) -> str:
        """The arguments, for `print(module)`."""
        return f"shift={self.shift}, p_flip={self.p_flip}"


def shift_flip(images: Tensor, down: Tensor, right: Tensor, flip: Tensor) -> Tensor:
    """Mirror the images where `flip`, and then move them down and to the right.

    Args:
        images: float [B, C, H, W] in [0, 1].
        down: pixels, float [B]; negative is up.
        right: pixels, float [B]; negative is left.
        flip: whether to mirror, bool [B].

    Returns:
        [B, C, H, W] of the images' dtype; what moves in is black.
    """
    height, width = images.shape[-2:]
    rows = torch.arange(height, device=images.device) - down[:, None]
    columns = torch.arange(width, device=images.device) - right[:, None]
    columns = torch.where(flip[:, None], width - 1 - columns, columns)
    return resample(images, rows, columns)
