"""Bit depth reduction (BDR) of Liu et al., "Image Shortcut Squeezing", ICML arXiv 2301.13838."""

from typing import Any

from kornia.augmentation import IntensityAugmentationBase2D
from torch import Tensor

from unlearnable_lightning.augment.check import check_probability
from unlearnable_lightning.augment.eight_bits import straight
from unlearnable_lightning.errors import UnlearnableError


class BitDepth(IntensityAugmentationBase2D):
    """Keep the top bits of every 8-bit value and set the others to 0.

    2 bits leave the grey levels 0, 64, 128 and 192, as PIL's `posterize` does. Values are first
    rounded to grey levels; the gradient passes through unchanged.

    Args:
        bits: how many are kept, 1 to 7; 8 would change nothing.
        p: probability with which an image is reduced.

    Raises:
        UnlearnableError: `bits` is out of range, or `p` is no probability.

    Example:
        >>> reduced = BitDepth(bits=2)(torch.rand(8, 3, 32, 32))
    """

    def __init__(self, bits: int = 2, p: float = 1.0) -> None:
        if bits not in range(1, 8):
            raise UnlearnableError(
                f"BitDepth got bits={bits}, but it is an integer from 1 to 7 (8 changes nothing). "
                "Give one, such as 2."
            )
        super().__init__(p=check_probability("BitDepth's p", p))
        self.bits = int(bits)
        self.flags = {"bits": self.bits}

    def apply_transform(
        self,
        input: Tensor,
        params: dict[str, Tensor],
        flags: dict[str, Any],
        transform: Tensor | None = None,
    ) -> Tensor:
        """Images [B, C, H, W] in [0, 1] to the same."""
        return bit_depth(input, self.bits)


def bit_depth(images: Tensor, bits: int | Tensor) -> Tensor:
    """Images in [0, 1] with the top `bits` of their 8; a tensor of bits broadcasts to them."""
    width = 2.0 ** (8 - bits)
    exact = images.float()  # bfloat16 has 8 bits of its own
    kept = straight(lambda x: ((x * 255).round() / width).floor() * width / 255, exact)
    return kept.to(images.dtype)
