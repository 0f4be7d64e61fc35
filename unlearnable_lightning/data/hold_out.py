"""Training images that are not trained on: a validation that an attacker could have."""

import torch
from torch import Tensor

from unlearnable_lightning.data.dataset import ImageDataset
from unlearnable_lightning.data.subset import stratified
from unlearnable_lightning.data.val_size import count_of
from unlearnable_lightning.errors import UnlearnableError


def hold_out(
    labels: Tensor, size: int | float, seed: int, name: str = "poisoned_val_size"
) -> tuple[Tensor, Tensor]:
    """Splits training images so that each class keeps its share in both parts.

    Args:
        labels: int64 [N].
        size: a share or a number of the images.
        seed: the same seed gives the same split.
        name: of the argument that gave the size.

    Returns:
        Rows to train on and rows to hold out, int64, ascending.

    Raises:
        UnlearnableError: a size that takes none or all, or leaves a class without an image to
            train on.
    """
    count = count_of(size, len(labels), name, "training")
    held = stratified(labels, count, seed)
    kept = torch.ones(len(labels), dtype=torch.bool).index_fill_(0, held, False)
    lost = sorted({*labels.tolist()} - {*labels[kept].tolist()})
    if lost:
        named = ", ".join(map(str, lost[:10])) + (", …" if len(lost) > 10 else "")
        raise UnlearnableError(
            f"{name}={size} leaves no training image of {len(lost)} classes ({named}). "
            "Give a smaller one."
        )
    return kept.nonzero().flatten(), held


def parts_of(
    dataset: ImageDataset, size: int | float, seed: int
) -> tuple[ImageDataset, ImageDataset | None]:
    """The images to train on and those that are held out, None for a size of 0.

    Raises:
        UnlearnableError: as `hold_out`.
    """
    if not size:
        return dataset, None
    kept, held = hold_out(dataset.labels, size, seed)
    return dataset.part(kept), dataset.part(held)
