"""A folder of pictures that are named by the places of their images."""

from pathlib import Path

import numpy as np
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import new_folder
from unlearnable_lightning.release.file import NoiseFileError
from unlearnable_lightning.release.fits import poison
from unlearnable_lightning.release.foreign.build import Found, release_of
from unlearnable_lightning.release.foreign.pictures import (
    index_of,
    read_pictures,
    visible,
    write_pictures,
)
from unlearnable_lightning.release.formats.base import Format
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource


class PNGFolder(Format):
    """`0.png`, `1.png`, …: the poisoned images, named by their places in the data.

    Written are all images; a folder of some of them is read too.

    Example:
        `unlearnable fit … --data.noise pictures/ --data.noise_format PNGFolder`
    """

    folder = True

    def read(self, path: Path, images: Tensor, labels: Tensor, source: DataSource) -> Release:
        """See `Format.read`."""
        if not path.is_dir() or not visible(path):
            raise NoiseFileError(
                f"noise={path} is no folder, or empty; it must hold pictures such as 17.png."
            )
        return of_pictures(visible(path), images, labels, source, self.made_by)

    def write(self, path: Path, release: Release, images: Tensor, labels: Tensor) -> None:
        """See `Format.write`."""
        poisoned = poison(images, labels, release)
        with new_folder(path) as folder:
            write_pictures([folder / f"{i}.png" for i in range(len(poisoned))], poisoned)

    def recognises(self, path: Path, source: DataSource) -> bool:
        """See `Format.recognises`."""
        return path.is_dir() and any(each.suffix == ".png" for each in visible(path))


def of_pictures(
    paths: list[Path], images: Tensor, labels: Tensor, source: DataSource, made_by: dict[str, str]
) -> Release:
    """The release in pictures that are named by the places of their images."""
    rows = np.array([index_of(path) for path in paths])
    if (rows >= source.shape[0]).any():
        path = paths[int((rows >= source.shape[0]).argmax())]
        raise UnlearnableError(
            f"{path} would be of image {index_of(path)}; this data has {source.shape[0]}, from 0. "
            "Use the data that it was made for."
        )
    _, c, h, w = source.shape
    found = Found(read_pictures(paths, (c, h, w)), rows=rows, holds="images")
    return release_of(found, images, labels, source, made_by)
