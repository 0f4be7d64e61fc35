"""The seam of the formats: a foreign file becomes a release by being read beside its data."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from torch import Tensor

from unlearnable_lightning.by_name import Spec, build
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release.file import NoiseFileError
from unlearnable_lightning.release.fits import NoiseMismatchError
from unlearnable_lightning.release.plausible import check_plausible
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource

ROOM = "unlearnable_lightning.release.formats"


class Format(ABC):
    """Reads and writes releases as somebody else stores them. Reading must run no code of a file.

    The data lie beside the file, so that a release always has the fingerprint of its images.

    Attributes:
        suffixes: of the files that are written in this format, if no other is asked for.
        folder: whether `write` makes a folder, not a file.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    folder: ClassVar[bool] = False

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

    def recognises(self, path: Path, source: DataSource) -> bool:
        """Whether a file is of this format, by its content; False where that cannot be told."""
        return False

    def check(self, release: Release, images: Tensor, labels: Tensor) -> None:
        """Refuses what was read if it cannot be noise of these images; see `check_plausible`."""
        check_plausible(release, images, labels)

    @property
    def made_by(self) -> dict[str, str]:
        """What a release says of the format that it was read in."""
        return {"class_path": f"{type(self).__module__}.{type(self).__qualname__}"}

    @classmethod
    def of(cls, spec: Spec, argument: str = "noise_format") -> "Format":
        """The format of a name here, an import path, or `{class_path: …, init_args: {…}}`.

        Raises:
            UnlearnableError: no such format.
        """
        form: Format = build(spec, ROOM, argument, Format)
        return form


def read_release(
    path: str | Path, spec: Spec | None, images: Tensor, labels: Tensor, source: DataSource
) -> Release:
    """The release in a file of the library (`spec` is None) or in a foreign format.

    Args:
        path: of the file.
        spec: the name of a format here, its import path, or `{class_path: …, init_args: {…}}`.
        images: uint8 [N, C, H, W], the clean images that it belongs to.
        labels: int64 [N].
        source: of these images.

    Raises:
        NoiseFileError: the file is missing, damaged or of another format.
        UnlearnableError: no such format, or what the file holds cannot be noise of these images.
    """
    if spec is None:
        return Release.load(path)
    return read_as(Format.of(spec), Path(path), images, labels, source)


def read_as(
    form: Format, path: Path, images: Tensor, labels: Tensor, source: DataSource
) -> Release:
    """As `read_release`; every refusal names the file."""
    try:
        release = form.read(path, images, labels, source)
        form.check(release, images, labels)
    except (NoiseFileError, NoiseMismatchError):
        raise
    except UnlearnableError as error:
        raise UnlearnableError(f"noise={path} is refused: {error}") from error
    return release
