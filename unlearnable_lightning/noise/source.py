"""What a noise file remembers of the images it was made for."""

import hashlib
from dataclasses import dataclass

import numpy as np
from torch import Tensor


@dataclass(frozen=True)
class DataSource:
    """A named set of images, recognised again by its fingerprint.

    Attributes:
        name: the data set, such as `cifar10`.
        split: which part of it, such as `train`.
        shape: (N, C, H, W).
        class_names: K names, in the order of the labels.
        sha256: fingerprint of the images and labels, in their order.
    """

    name: str
    split: str
    shape: tuple[int, int, int, int]
    class_names: tuple[str, ...]
    sha256: str


def fingerprint(images: Tensor, labels: Tensor) -> str:
    """SHA-256 over shape, pixels and labels: another subset or order gives another fingerprint.

    Args:
        images: uint8 [N, C, H, W].
        labels: int64 [N].
    """
    digest = hashlib.sha256(repr(tuple(images.shape)).encode())
    for array in (images.numpy(), labels.numpy().astype("<i8")):
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
