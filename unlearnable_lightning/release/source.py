"""What a release remembers of the images it was made for."""

import hashlib
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import check_images
from unlearnable_lightning.rows import AnyRows, pieces


@dataclass(frozen=True)
class DataSource:
    """A named set of images, recognised again by its fingerprint.

    Attributes:
        name: the data set, such as `cifar10`.
        split: which part of it, such as `train`.
        shape: (N, C, H, W).
        class_names: K names, in the order of the labels.
        sha256: fingerprint of the images and labels, in their order.

    Raises:
        UnlearnableError: no text where there should be, or no shape of images.
    """

    name: str
    split: str
    shape: tuple[int, int, int, int]
    class_names: tuple[str, ...]
    sha256: str

    def __post_init__(self) -> None:
        sizes, names = (
            tuple(each) if isinstance(each, (tuple, list)) else ()
            for each in (self.shape, self.class_names)
        )
        if len(sizes) != 4 or not all(type(size) is int and size > 0 for size in sizes):
            raise UnlearnableError(
                f"the shape of the data is {self.shape!r}; it must be (N, C, H, W), whole numbers "
                "above 0."
            )
        if not names or not all(isinstance(name, str) for name in names):
            raise UnlearnableError(
                f"the class names of the data are {self.class_names!r}; give a tuple of texts, one "
                "for each class."
            )
        for what in ("name", "split", "sha256"):
            text = getattr(self, what)
            if not isinstance(text, str) or not text:
                raise UnlearnableError(f"the {what} of the data is {text!r}; it must be a text.")
        object.__setattr__(self, "shape", sizes)
        object.__setattr__(self, "class_names", names)


def fingerprint(images: AnyRows, labels: Tensor) -> str:
    """SHA-256 over shape, pixels and labels: another subset or order gives another fingerprint.

    Args:
        images: uint8 [N, C, H, W]; those of a file are read piece by piece.
        labels: [N], of any integer dtype.

    Raises:
        UnlearnableError: images of another dtype or number of dimensions.
    """
    if isinstance(images, Tensor):
        check_images(images)
    digest = hashlib.sha256(repr(tuple(images.shape)).encode())
    for _, piece in pieces(images):
        digest.update(np.ascontiguousarray(piece.cpu().numpy()).data)
    digest.update(np.ascontiguousarray(labels.cpu().numpy().astype("<i8")).data)
    return digest.hexdigest()
