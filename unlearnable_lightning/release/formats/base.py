"""The seam of the formats: a foreign file becomes a release by being read beside its data."""

from abc import ABC, abstractmethod
from pathlib import Path

from torch import Tensor

from unlearnable_lightning.by_name import Spec, build
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource


class Format(ABC):
    """Reads and writes releases as somebody else stores them. Reading must run no code of a file.

    The data lie beside the file, so that a release always has the fingerprint of its images.
    """

    @abstractmethod
    def read(self, path: Path, images: Tensor, labels: Tensor, source: DataSource) -> Release:
        """The release in a file.

        Args:
            path: of the file.
            images: uint8 [N, C, H, W], the clean images that it belongs to.
            labels: int64 [N].
            source: of these images.

        Raises:
            NoiseFileError: the file is missing, damaged or of another format.
            UnlearnableError: what it holds cannot be noise of these images.
        """

    @abstractmethod
    def write(self, path: Path, release: Release, images: Tensor, labels: Tensor) -> None:
        """Writes the release, whole or not at all; arguments as for `read`."""


def read_release(
    path: str | Path, spec: Spec | None, images: Tensor, labels: Tensor, source: DataSource
) -> Release:
    """The release in a file of the library (`spec` is None) or in a foreign format.

    Args:
        path: of the file.
        spec: the name of a format here, or its import path.
        images: uint8 [N, C, H, W], the clean images that it belongs to.
        labels: int64 [N].
        source: of these images.

    Raises:
        NoiseFileError: the file is missing, damaged or of another format.
        UnlearnableError: no such format, or what the file holds cannot be noise of these images.
    """
    if spec is None:
        return Release.load(path)
    room = "unlearnable_lightning.release.formats"
    form: Format = build(spec, room, "noise_format", Format)
    return form.read(Path(path), images, labels, source)
