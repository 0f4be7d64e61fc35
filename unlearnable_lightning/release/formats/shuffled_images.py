"""Images in an unknown order, as NTGA (Yuan and Wu, ICML 2021) publishes them."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import replacing
from unlearnable_lightning.release.fits import poison
from unlearnable_lightning.release.foreign.build import Found, release_of
from unlearnable_lightning.release.foreign.layout import as_nchw
from unlearnable_lightning.release.foreign.meaning import meanings
from unlearnable_lightning.release.foreign.nearest import match
from unlearnable_lightning.release.foreign.numpy_file import main_array, read_numpy
from unlearnable_lightning.release.foreign.scan import chunks, scan
from unlearnable_lightning.release.foreign.size import most_bytes
from unlearnable_lightning.release.formats.base import Format
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource


class ShuffledImages(Format):
    """Poisoned images, each matched to the nearest clean one, never by its place.

    NTGA's files are a `.npy` of 40 000 images N×H×W×C in pixels of [0, 1], and one of one-hot
    labels. Grey levels and a `.npz` with x_train and y_train are read as well. Labels are compared
    with those of the images that were matched.

    Args:
        labels: a `.npy` of labels, numbers or one-hot; null takes y_train of a `.npz`, if it is
            there.

    Example:
        `unlearnable convert x_train_ntga.npy noise.safetensors --data CIFAR10DataModule
        --from '{class_path: ShuffledImages, init_args: {labels: y_train.npy}}'`
    """

    def __init__(self, labels: str | None = None) -> None:
        self.labels = labels

    def read(self, path: Path, images: Tensor, labels: Tensor, source: DataSource) -> Release:
        """See `Format.read`."""
        found = read_numpy(path, most_bytes(source), "images")
        grey = _grey_levels(as_nchw(found.values, source.shape))
        if len(grey) > len(images):
            raise UnlearnableError(
                f"it holds {len(grey)} images for {len(images)} clean ones; each belongs to one. "
                "Use the data that it was made for."
            )
        own = Found(
            grey.numpy(),
            rows=match(grey, images).numpy(),
            labels=found.labels if self.labels is None else self._labels(most_bytes(source)),
            holds="images",
        )
        return release_of(own, images, labels, source, self.made_by | {"file": path.name})

    def _labels(self, most: int) -> np.ndarray:
        return read_numpy(Path(str(self.labels)), most).values

    def write(self, path: Path, release: Release, images: Tensor, labels: Tensor) -> None:
        """See `Format.write`: the images that change, float32 N×H×W×C, and labels in a `.npz`."""
        poisoned = poison(images, labels, release)
        if release.rows is not None:
            poisoned, labels = poisoned[release.rows], labels[release.rows]
        nhwc = poisoned.permute(0, 2, 3, 1).float().div_(255).numpy()
        with replacing(path) as file:
            if path.suffix.lower() == ".npy":
                np.save(file, nhwc)
            else:
                np.savez_compressed(file, x_train=nhwc, y_train=labels.numpy())

    def recognises(self, path: Path, source: DataSource) -> bool:
        """See `Format.recognises`: fewer images than there are, without their places."""
        array = main_array(path)
        classes = len(source.class_names)
        return (
            array is not None
            and not array.has_rows
            and array.count < source.shape[0]
            and array.count != classes
        )


def _grey_levels(array: np.ndarray) -> Tensor:
    """uint8 [n, C, H, W]."""
    (meaning,) = meanings(scan(array), "images", pixels=True)
    parts = [meaning.levels(part).clip(0, 255).astype(np.uint8) for part in chunks(array)]
    return torch.from_numpy(np.concatenate(parts))
