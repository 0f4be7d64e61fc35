"""Clean test images: some of them serve for validation instead."""

import torch
from torch import Tensor

from unlearnable_lightning.data.dataset import ImageDataset
from unlearnable_lightning.data.subset import stratified
from unlearnable_lightning.data.val_size import count_of
from unlearnable_lightning.rows import AnyRows


def clean_parts(
    name: str,
    images: AnyRows,
    labels: Tensor,
    class_names: tuple[str, ...],
    val_size: int | float,
    seed: int,
) -> tuple[ImageDataset | None, ImageDataset]:
    """The validation images, None for a `val_size` of 0, and the rest.

    Args:
        name: of the data set.
        images: uint8 [N, C, H, W], all test images.
        labels: [N].
        class_names: K names.
        val_size: a share or a number of them, stratified.
        seed: the same seed gives the same split.

    Raises:
        UnlearnableError: a size that takes none or all, or as `ImageDataset`.
    """
    rest = torch.ones(len(images), dtype=torch.bool)

    def part(split: str, rows: Tensor) -> ImageDataset:
        dataset = ImageDataset(name, split, images[rows], labels[rows], class_names)
        dataset.index = rows
        return dataset

    val_set = None
    if count := count_of(val_size, len(images)):
        rows = stratified(labels, count, seed)
        rest[rows] = False
        val_set = part("val", rows)
    return val_set, part("test", rest.nonzero().flatten())
