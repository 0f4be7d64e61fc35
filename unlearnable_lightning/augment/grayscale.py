"""Grayscale images (thesis Eq. 3.1 and Table 3.5)."""

from typing import Any

from kornia.augmentation import IntensityAugmentationBase2D
from torch import Tensor

from unlearnable_lightning.augment.check import check_probability
from unlearnable_lightning.augment.colour import luma
from unlearnable_lightning.errors import UnlearnableError


class Grayscale(IntensityAugmentationBase2D):
    """Put the luma 0.299 R + 0.587 G + 0.114 B into all three channels (thesis Eq. 3.1).

    One-channel batches pass through unchanged.

    Args:
        p: probability with which an image is turned gray.

    Raises:
        UnlearnableError: `p` is no probability.
    """

    def __init__(self, p: float = 1.0) -> None:
        super().__init__(p=check_probability("Grayscale's p", p))

    def apply_transform(
        self,
        input: Tensor,
        params: dict[str, Tensor],
        flags: dict[str, Any],
        transform: Tensor | None = None,
    ) -> Tensor:
        """Images [B, 1 or 3, H, W] in [0, 1] to the same.

        Raises:
            UnlearnableError: the images have neither 1 nor 3 channels.
        """
        channels = input.shape[1]
        if channels == 1:
            return input
        if channels != 3:
            raise UnlearnableError(
                f"Grayscale got images of {channels} channels (shape {tuple(input.shape)}), but "
                "takes 1 (gray) or 3 (RGB). Give batches [B, 1 or 3, H, W]."
            )
        return luma(input).clamp(0, 1).repeat(1, 3, 1, 1)  # white may round above 1
