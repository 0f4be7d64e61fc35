"""Poisoned images themselves, as `predict` writes them and other codes publish them."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import replacing
from unlearnable_lightning.release.file import NoiseFileError
from unlearnable_lightning.release.fits import poison
from unlearnable_lightning.release.foreign.build import check_labels
from unlearnable_lightning.release.foreign.numpy_file import main_array, read_numpy
from unlearnable_lightning.release.foreign.size import most_bytes
from unlearnable_lightning.release.formats.base import Format
from unlearnable_lightning.release.of_images import release_of_images
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource


class PoisonedImages(Format):
    """All images in the order of the data, uint8 N×H×W×C: a `.npy`, or `x_train` of a `.npz`, whose
    `y_train` is compared with the labels of the data.

    Example:
        `unlearnable fit … --data.noise poisoned.npz --data.noise_format PoisonedImages`
    """

    suffixes = (".npz", ".npy")

    def read(self, path: Path, images: Tensor, labels: Tensor, source: DataSource) -> Release:
        """See `Format.read`."""
        found = read_numpy(path, most_bytes(source), "images")
        poisoned = found.values
        nhwc = poisoned[..., None] if poisoned.ndim == 3 else poisoned
        if nhwc.ndim != 4 or nhwc.dtype != np.uint8:
            raise NoiseFileError(
                f"noise={path} holds {poisoned.dtype} of shape {poisoned.shape}; poisoned images "
                "are uint8, N×H×W×C or N×H×W."
            )
        if found.rows is not None or found.kind == "classwise":
            raise UnlearnableError(
                "it names the places or the classes of its images; these must be all images of the "
                "data in their order. Give --from NumpyArrays."
            )
        if found.labels is not None:
            check_labels(found.labels, labels)
        tensor = torch.from_numpy(np.array(nhwc)).permute(0, 3, 1, 2)
        return release_of_images(tensor, images, source, self.made_by | {"file": path.name})

    def write(self, path: Path, release: Release, images: Tensor, labels: Tensor) -> None:
        """See `Format.write`."""
        nhwc = poison(images, labels, release).permute(0, 2, 3, 1).numpy()
        with replacing(path) as file:
            if path.suffix.lower() == ".npy":
                np.save(file, nhwc)
            else:
                np.savez_compressed(file, x_train=nhwc, y_train=labels.numpy())

    def recognises(self, path: Path, source: DataSource) -> bool:
        """See `Format.recognises`."""
        array = main_array(path)
        n, c, h, w = source.shape
        shapes = [(n, h, w, c)] + [(n, h, w)] * (c == 1)
        return (
            array is not None
            and not array.has_rows
            and array.name in ("x_train", "arr_0")
            and array.dtype == np.uint8
            and array.shape in shapes
        )
