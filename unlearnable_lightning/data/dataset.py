"""Images, in memory or read from files, served in whole batches."""

import copy
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from unlearnable_lightning.checks.labels import as_labels
from unlearnable_lightning.data.partial import PartialPoisoning
from unlearnable_lightning.data.poisoned_rows import PoisonedRows
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import DataSource, Release, apply, check_fits, fingerprint
from unlearnable_lightning.rows import AnyRows

UINT8 = (
    "they must be uint8 with values 0 to 255. Convert floats in [0, 1] with "
    "(images * 255).round(), 16-bit values with images // 257, and store them as uint8."
)


class ImageDataset(Dataset[dict[str, Tensor]]):
    """Images, poisoned if there is noise for them.

    A DataLoader asks for a batch at a time (`__getitems__`), which is one indexing operation
    instead of a Python call and a collation per image.

    Args:
        name: the data set, such as `cifar10`.
        split: which part of it, such as `train`.
        images: uint8 [N, C, H, W], a tensor, or rows of a file, which are read batch by batch.
        labels: [N], of any integer type, from 0 to K - 1.
        class_names: K names.
        noise: made for exactly these images.
        partial: which of them are poisoned; None for all that the noise changes.

    Attributes:
        clean: uint8 [N, C, H, W], the images without noise, in memory or not, as they were given.
        images: [N, C, H, W], what is served: poisoned, or `clean` itself. uint8, or float32 in
            pixels of [0, 1] where a defence made them.
        labels: int64 [N].
        poisoned: bool [N], the images that noise is laid on.
        index: int64 [N], their places in the data set.
        source: name, shape, class names and fingerprint of the clean images.

    Raises:
        UnlearnableError: images that are not uint8 [N, C, H, W] with one or three channels, have no
            pixels, or none at all; labels that are no integers [N], or out of range; a choice of
            poisoned images that has none.
        NoiseMismatchError: noise that was made for other images.
    """

    def __init__(
        self,
        name: str,
        split: str,
        images: AnyRows,
        labels: Tensor,
        class_names: tuple[str, ...],
        noise: Release | None = None,
        partial: PartialPoisoning | None = None,
    ) -> None:
        _check_images(f"{name}/{split}", images)
        self.clean: AnyRows = images.contiguous() if isinstance(images, Tensor) else images
        self.labels = as_labels(labels, f"{name}/{split}")
        _check_labels(f"{name}/{split}", self.labels, len(images), len(class_names))
        n, c, h, w = images.shape
        sha256 = fingerprint(self.clean, self.labels)
        self.source = DataSource(name, split, (n, c, h, w), class_names, sha256)
        self.index = torch.arange(n)
        self.noise = noise
        self.images: AnyRows = self.clean
        self.poisoned = torch.zeros(n, dtype=torch.bool)
        if noise is not None:
            check_fits(noise, self.source)
            partial = partial or PartialPoisoning()
            self.poisoned = partial.choose(self.labels, class_names, noise.rows)
            self.images = self._with_noise(noise, partial.whole)

    def _with_noise(self, noise: Release, whole: bool) -> AnyRows:
        if not isinstance(self.clean, Tensor):
            return PoisonedRows(self.clean, self.labels, self.poisoned, noise)
        images = apply(self.clean, self.labels, noise)
        if not whole:
            images[~self.poisoned] = self.clean[~self.poisoned]
        return images

    @property
    def in_memory(self) -> bool:
        """Whether the images are held, not read from files."""
        return isinstance(self.clean, Tensor)

    @cached_property
    def served_sha256(self) -> str:
        """Fingerprint of what is served: that of the clean images, if there is no noise. Images of
        a defence have none: it belongs to what the defence was given."""
        return self.source.sha256 if self.noise is None else fingerprint(self.images, self.labels)

    def part(self, rows: Tensor) -> "ImageDataset":
        """These images alone, int64 [R]; `index` keeps their places in the data set."""
        parts = {
            name: getattr(self, name)[rows] for name in ("clean", "labels", "poisoned", "index")
        }
        parts["images"] = parts["clean"] if self.images is self.clean else self.images[rows]
        _, c, h, w = self.source.shape
        sha256 = fingerprint(parts["clean"], parts["labels"])
        source = DataSource(
            self.source.name, self.source.split, (len(rows), c, h, w), self.source.class_names,
            sha256,
        )  # fmt: skip
        return self._changed(source=source, **parts)

    def replaced(self, images: Tensor) -> "ImageDataset":
        """The same data set with other images to serve, as a defence made them.

        Args:
            images: [N, C, H, W], uint8 or float32 in pixels of [0, 1], which may leave the range.

        Raises:
            UnlearnableError: another dtype or shape, or values that are not finite.
        """
        given = isinstance(images, Tensor)
        if (
            not given
            or images.dtype not in (torch.uint8, torch.float32)
            or images.shape != self.images.shape
        ):
            is_ = f"{images.dtype} {tuple(images.shape)}" if given else type(images).__name__
            raise UnlearnableError(
                f"a defence made {is_} of the training images; it must give uint8 or float32 of "
                f"their shape {tuple(self.images.shape)}. Correct its on_dataset."
            )
        if images.is_floating_point() and not images.isfinite().all():
            raise UnlearnableError(
                "a defence made training images with infinite or NaN pixels. Correct its "
                "on_dataset, or give it a lower rate."
            )
        return self._changed(images=images.detach().cpu().contiguous())

    def _changed(self, **fields: Any) -> "ImageDataset":
        other = copy.copy(self)
        vars(other).pop("served_sha256", None)  # what is cached belongs to the images before
        vars(other).update(fields)
        return other

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        row = range(len(self))[index]  # -1 is the last; IndexError beyond it
        return {key: value[0] for key, value in self.__getitems__([row]).items()}

    def __getitems__(self, indices: list[int] | Tensor) -> dict[str, Tensor]:
        """The batch of these rows: image [B, C, H, W] as in `images`, label int64 [B], index int64
        [B]."""
        rows = torch.as_tensor(indices)
        images = self.images.index_select(0, rows)  # a fifth of the time of images[rows]
        return {"image": images, "label": self.labels[rows], "index": self.index[rows]}


def _check_images(name: str, images: AnyRows) -> None:
    if images.dtype != torch.uint8:
        raise UnlearnableError(f"{name}: images are {images.dtype}; {UINT8}")
    if len(images.shape) != 4 or images.shape[1] not in (1, 3):
        raise UnlearnableError(
            f"{name}: images have shape {tuple(images.shape)}; it must be [N, C, H, W] with one or "
            "three channels."
        )
    if 0 in images.shape[2:]:
        raise UnlearnableError(
            f"{name}: images are {images.shape[2]}×{images.shape[3]}; they must have pixels."
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
