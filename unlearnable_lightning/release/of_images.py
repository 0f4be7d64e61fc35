"""A release from what it makes of the images."""

from typing import Any

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource


def release_of_images(
    poisoned: Tensor, clean: Tensor, source: DataSource, made_by: dict[str, Any], **facts: Any
) -> Release:
    """The sample-wise release that turns `clean` into `poisoned`, whatever the change.

    Args:
        poisoned: uint8 [N, C, H, W].
        clean: uint8 [N, C, H, W], the images of `source`.
        source: of the clean images.
        made_by: what made it (see `Release`).
        facts: `bound` and `versions` of the release.

    Returns:
        Differences in int8 if they fit, else in int16.

    Raises:
        UnlearnableError: images of another dtype or shape.
    """
    for name, images in (("poisoned", poisoned), ("clean", clean)):
        if images.dtype != torch.uint8 or tuple(images.shape) != source.shape:
            raise UnlearnableError(
                f"the {name} images are {images.dtype} of shape {tuple(images.shape)}; they must "
                f"be uint8 of shape {source.shape}, as the data they belong to."
            )
    difference = poisoned.to(torch.int16).sub_(clean)
    low, high = (int(end) for end in difference.aminmax())
    if low >= -128 and high <= 127:
        difference = difference.to(torch.int8)
    return Release(difference, "samplewise", source, made_by, **facts)
