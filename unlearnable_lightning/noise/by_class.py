"""Images class by class, as the noises without a gradient take them."""

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import check_images

_CLASSES = 2**16
_NUMBERS = 2**20
"""Pixels of one piece: 8 MB in float64, so a method's few copies stay small beside the data."""


def rows_by_class(images: Tensor, labels: Tensor) -> list[tuple[Tensor, ...]]:
    """Where the images of each class are, in their order and in pieces that fit into memory.

    Args:
        images: uint8 [N, C, H, W], one or three channels.
        labels: int64 [N], from 0 to 65535 at most.

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
    check_images(images)
    if images.shape[1] not in (1, 3) or not images.numel():
        raise UnlearnableError(
            f"images have shape {tuple(images.shape)}; they must be [N, C, H, W] with one or three "
            "channels, N, H and W at least 1."
        )
    if not isinstance(labels, Tensor) or labels.dtype != torch.int64:
        what = labels.dtype if isinstance(labels, Tensor) else f"a {type(labels).__name__}"
        raise UnlearnableError(
            f"labels are {what}; they must be an int64 tensor. Convert them with labels.long(), a "
            "list with torch.tensor(labels)."
        )
    if labels.shape != images.shape[:1]:
        raise UnlearnableError(
            f"labels have shape {tuple(labels.shape)} for {len(images)} images; they must be [N], "
            "one for each image."
        )
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= _CLASSES:
        raise UnlearnableError(
            f"labels run from {low} to {high}; they must lie between 0 and {_CLASSES - 1}, since a "
            "class is drawn for each number up to the highest. Number them from 0, as "
            "labels.unique(return_inverse=True)[1] does."
        )
