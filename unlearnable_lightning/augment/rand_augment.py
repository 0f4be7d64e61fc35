"""RandAugment: Cubuk et al., "RandAugment: Practical Automated Data Augmentation with a Reduced
Search Space", NeurIPS 2020, arXiv 1909.13719."""

import torch
from torch import Tensor, nn

from unlearnable_lightning.augment.check import check_float
from unlearnable_lightning.augment.eight_bits import eight_bits
from unlearnable_lightning.augment.policy import BINS, CIFAR, WIDE, augmented, draw
from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.errors import UnlearnableError


class RandAugment(nn.Module):
    """Some random operations of one fixed strength on every image, one after the other.

    Operations are drawn with replacement from the 14 of `TrivialAugment`. The result is in 8 bits.

    Args:
        operations: how many each image gets.
        magnitude: their strength on the scale from 0 to 30.
        wide: as in `TrivialAugment`.

    Raises:
        UnlearnableError: no operation, or a magnitude out of range.

    Example:
        >>> changed = RandAugment(operations=2, magnitude=9)(torch.rand(8, 3, 32, 32))
    """

    def __init__(self, operations: int = 2, magnitude: int = 9, wide: bool = False) -> None:
        operations = whole_number("operations", operations, 1, "RandAugment needs one at least")
        if magnitude not in range(BINS):
            raise UnlearnableError(
                f"RandAugment got magnitude={magnitude}, but it is a whole number from 0 to "
                f"{BINS - 1}. Give 9."
            )
        super().__init__()
        self.operations, self.magnitude, self.wide = operations, magnitude, wide

    def forward(self, images: Tensor) -> Tensor:
        """Images [B, 1 or 3, H, W] in [0, 1] to the same, at multiples of 1/255."""
        check_float("RandAugment", images)
        policy, exact = WIDE if self.wide else CIFAR, eight_bits(images.float())
        bins = torch.full((len(images),), float(self.magnitude))
        for _ in range(self.operations):
            which, signs = draw(len(images), len(policy))
            exact = eight_bits(augmented(exact, policy, which, bins, signs))
        return exact.to(images.dtype)

    def extra_repr(self) -> str:
        """The arguments, for `print(module)`."""
        return f"operations={self.operations}, magnitude={self.magnitude}, wide={self.wide}"
