"""Class labels: one integer per image, of whatever integer type."""

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError


def as_labels(labels: Tensor, name: str = "labels") -> Tensor:
    """Labels as int64 [N].

    PyTorch reads uint8 and bool indices as a mask: labels of these types would choose other rows
    than those of their classes.

    Args:
        labels: [N], of any integer type.
        name: what the error message calls them.

    Raises:
        UnlearnableError: floats or bools, or another shape.
    """
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise UnlearnableError(
            f"{name}: labels are {labels.dtype}; they must be integers from 0. Convert whole "
            "numbers with labels.long()."
        )
    if labels.ndim != 1:
        raise UnlearnableError(
            f"{name}: labels have shape {tuple(labels.shape)}; it must be [N], one label per "
            "image. Flatten a column with labels.flatten(), one-hot rows with labels.argmax(1)."
        )
    return labels.long()
