"""Images class by class, as the noises without a gradient take them."""

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError

_NUMBERS = 2**20
"""Pixels of one piece: 8 MB in float64, so a method's few copies stay small beside the data."""


def rows_by_class(images: Tensor, labels: Tensor) -> list[tuple[Tensor, ...]]:
    """Where the images of each class are, in their order and in pieces that fit into memory.

    Args:
        images: uint8 [N, C, H, W], one or three channels.
        labels: int64 [N], from 0.

    Returns:
        For each label from 0 to the highest its rows, int64 [n] each. A class without images has
        one piece without rows.

    Raises:
        UnlearnableError: other images or labels than these.
    """
    _check(images, labels)
    counts = torch.bincount(labels).tolist()
    piece = max(1, _NUMBERS // images[0].numel())
    return [rows.split(piece) for rows in labels.argsort(stable=True).split(counts)]


def _check(images: Tensor, labels: Tensor) -> None:
    if images.dtype != torch.uint8 or images.ndim != 4 or images.shape[1] not in (1, 3):
        raise UnlearnableError(
            f"images are {images.dtype} of shape {tuple(images.shape)}; they must be uint8 "
            "[N, C, H, W] with one or three channels. Convert floats in [0, 1] with "
            "(images * 255).round().to(torch.uint8)."
        )
    if labels.dtype != torch.int64 or labels.shape != images.shape[:1] or not len(labels):
        raise UnlearnableError(
            f"labels are {labels.dtype} of shape {tuple(labels.shape)} for {len(images)} images; "
            "they must be int64 [N], one for each image, and N at least 1. Convert them with "
            "labels.long()."
        )
    if int(labels.min()) < 0:
        raise UnlearnableError(f"labels go down to {int(labels.min())}; number them from 0.")
