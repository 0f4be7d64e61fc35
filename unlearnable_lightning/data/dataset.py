"""Images in memory, served in whole batches."""

from functools import cached_property

import torch
from torch import Tensor
from torch.utils.data import Dataset

from unlearnable_lightning.checks.labels import as_labels
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import DataSource, Release, apply, check_fits, fingerprint

UINT8 = (
    "they must be uint8 with values 0 to 255. Convert floats in [0, 1] with "
    "(images * 255).round(), 16-bit values with images // 257, and store them as uint8."
)


class ImageDataset(Dataset[dict[str, Tensor]]):
    """uint8 images, poisoned if there is noise for them.

    A DataLoader asks for a batch at a time (`__getitems__`), which is one indexing operation
    instead of a Python call and a collation per image.

    Args:
        name: the data set, such as `cifar10`.
        split: which part of it, such as `train`.
        images: uint8 [N, C, H, W].
        labels: [N], of any integer type, from 0 to K - 1.
        class_names: K names.
        noise: made for exactly these images.

    Attributes:
        clean: uint8 [N, C, H, W], the images without noise.
        images: uint8 [N, C, H, W], what is served: poisoned, or `clean` itself.
        labels: int64 [N].
        source: name, shape, class names and fingerprint of the clean images.

    Raises:
        UnlearnableError: images that are not uint8 [N, C, H, W] with one or three channels, square,
            or none at all; labels that are no integers [N], or out of range.
        NoiseMismatchError: noise that was made for other images.
    """

    def __init__(
        self,
        name: str,
        split: str,
        images: Tensor,
        labels: Tensor,
        class_names: tuple[str, ...],
        noise: Release | None = None,
    ) -> None:
        _check_images(f"{name}/{split}", images)
        self.clean = images.contiguous()
        self.labels = as_labels(labels, f"{name}/{split}")
        _check_labels(f"{name}/{split}", self.labels, len(images), len(class_names))
        n, c, h, w = images.shape
        sha256 = fingerprint(self.clean, self.labels)
        self.source = DataSource(name, split, (n, c, h, w), class_names, sha256)
        self.noise = noise
        if noise is not None:
            check_fits(noise, self.source)
        self.images = self.clean if noise is None else apply(self.clean, self.labels, noise)

    @cached_property
    def served_sha256(self) -> str:
        """Fingerprint of what is served: that of the clean images, if there is no noise."""
        return self.source.sha256 if self.noise is None else fingerprint(self.images, self.labels)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        row = range(len(self))[index]  # -1 is the last; IndexError beyond it
        return {key: value[0] for key, value in self.__getitems__([row]).items()}

    def __getitems__(self, indices: list[int] | Tensor) -> dict[str, Tensor]:
        """The batch of these rows: image uint8 [B, C, H, W], label int64 [B], index int64 [B]."""
        index = torch.as_tensor(indices)
        images = self.images.index_select(0, index)  # a fifth of the time of images[index]
        return {"image": images, "label": self.labels[index], "index": index}


def _check_images(name: str, images: Tensor) -> None:
    if images.dtype != torch.uint8:
        raise UnlearnableError(f"{name}: images are {images.dtype}; {UINT8}")
    if images.ndim != 4 or images.shape[1] not in (1, 3):
        raise UnlearnableError(
            f"{name}: images have shape {tuple(images.shape)}; it must be [N, C, H, W] with one or "
            "three channels."
        )
    if not images.shape[2] == images.shape[3] > 0:
        raise UnlearnableError(
            f"{name}: images are {images.shape[2]}×{images.shape[3]}; they must be square. Crop or "
            "resize them (ImageFolderDataModule does)."
        )


def _check_labels(name: str, labels: Tensor, images: int, classes: int) -> None:
    if not 0 < images == len(labels):
        raise UnlearnableError(
            f"{name}: {images} images and {len(labels)} labels; there must be as many labels "
            "as images, and at least one."
        )
    low, high = int(labels.min()), int(labels.max())
    if low < 0 or high >= classes:
        raise UnlearnableError(
            f"{name}: labels run from {low} to {high}; with {classes} classes they must lie "
            f"between 0 and {classes - 1}. Renumber them, or give the number of classes."
        )
