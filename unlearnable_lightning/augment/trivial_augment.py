"""TrivialAugment: Müller and Hutter, "TrivialAugment: Tuning-free Yet State-of-the-Art Data
Augmentation", ICCV 2021, arXiv 2103.10158."""

import torch
from torch import Tensor, nn

from unlearnable_lightning.augment.check import check_float
from unlearnable_lightning.augment.eight_bits import eight_bits
from unlearnable_lightning.augment.policy import BINS, CIFAR, WIDE, augmented, draw


class TrivialAugment(nn.Module):
    """One random operation of random strength on every image.

    The operation is one of 14 (the identity among them), its strength one of 31. By default the
    strengths are those that RandAugment has for CIFAR (shear to 0.3, translation to 10 pixels,
    rotation to 30°, colours to 0.9, posterize to 4 bits). The result is in 8 bits.

    Args:
        wide: whether strengths reach those of TrivialAugmentWide: 0.99, 32 pixels, 135°, 0.99, 2
            bits. A 32×32 image can then become empty.

    Example:
        >>> changed = TrivialAugment()(torch.rand(8, 3, 32, 32))
    """

    def __init__(self, wide: bool = False) -> None:
        super().__init__()
        self.wide = wide

    def forward(self, images: Tensor) -> Tensor:
        """Images [B, 1 or 3, H, W] in [0, 1] to the same, at multiples of 1/255."""
        check_float("TrivialAugment", images)
        policy = WIDE if self.wide else CIFAR
        which, signs = draw(len(images), len(policy))
        bins = torch.randint(BINS, (len(images),)).float()
        exact = eight_bits(images.float())
        return eight_bits(augmented(exact, policy, which, bins, signs)).to(images.dtype)

    def extra_repr(self) -> str:
        """The arguments, for `print(module)`."""
        return f"wide={self.wide}"
