"""JPEG compression as an augmentation (thesis Figures 3.4, 3.5); its codec is `jpeg_codec.py`."""

from typing import Any

from kornia.augmentation import IntensityAugmentationBase2D
from torch import Tensor

from unlearnable_lightning.augment.check import check_probability
from unlearnable_lightning.augment.jpeg_codec import jpeg
from unlearnable_lightning.errors import UnlearnableError


class JPEG(IntensityAugmentationBase2D):
    """Compress and decompress every image as JPEG, 4:2:0 subsampled like PIL's default.

    The result holds 8-bit values. Roundings pass their gradient on unchanged (straight through),
    so an attack or a noise can be optimised through this module. One-channel images are coded as
    PIL codes mode "L". Exactly one of the two arguments is given.

    Args:
        quality: libjpeg quality, an integer from 1 (worst) to 100.
        compression: the thesis's (imgaug's) scale, from 0 to 100 (worst); its 40, 60 and 80 are
            quality 61, 41 and 22.
        p: probability with which an image is compressed.

    Raises:
        UnlearnableError: an argument is out of range, or both or none of the two are given.
    """

    def __init__(
        self, quality: int | None = None, compression: int | None = None, p: float = 1.0
    ) -> None:
        if (quality is None) == (compression is None):
            raise UnlearnableError(
                f"JPEG got quality={quality} and compression={compression}, but takes exactly one "
                "of the two. Give JPEG(quality=22) or JPEG(compression=80)."
            )
        super().__init__(p=check_probability("JPEG's p", p))
        if compression is not None:
            quality = compression_to_quality(compression)
        if quality is None or quality not in range(1, 101):
            raise UnlearnableError(
                f"JPEG got quality={quality}, but libjpeg's quality is an integer from 1 to 100. "
                "Give one, for example quality=22."
            )
        self.quality = int(quality)
        self.flags = {"quality": self.quality}

    def apply_transform(
        self,
        input: Tensor,
        params: dict[str, Tensor],
        flags: dict[str, Any],
        transform: Tensor | None = None,
    ) -> Tensor:
        """Images [B, 1 or 3, H, W] in [0, 1] to the same, at multiples of 1/255."""
        return jpeg(input, self.quality)


def compression_to_quality(compression: int) -> int:
    """imgaug's map from compression (0 to 100) to libjpeg quality: 40 -> 61, 60 -> 41, 80 -> 22."""
    if compression not in range(101):
        raise UnlearnableError(
            f"JPEG got compression={compression}, but it is an integer from 0 to 100. "
            "Give one, for example compression=80 (quality 22)."
        )
    return round(1 + 99 * (1 - compression / 101))
