"""A release in and out of somebody else's file, the format found where it is not given."""

from pathlib import Path

from torch import Tensor

from unlearnable_lightning.by_name import Spec
from unlearnable_lightning.release.formats.base import Format, read_as
from unlearnable_lightning.release.formats.choose import (
    check_free,
    format_of_file,
    format_to_write,
)
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource


def import_release(
    path: str | Path, spec: Spec | None, images: Tensor, labels: Tensor, source: DataSource
) -> tuple[Release, Format]:
    """The release in a file, and the format of it.

    Args:
        path: of a file or folder.
        spec: as in `read_release`; None looks into the file.
        images: uint8 [N, C, H, W], the clean images that it belongs to.
        labels: int64 [N].
        source: of these images.

    Raises:
        NoiseFileError: missing, damaged, of no known format, or of another than `spec` says.
        UnlearnableError: what it holds cannot be noise of these images.
    """
    path = Path(path)
    form = format_of_file(path, spec, source)
    return read_as(form, path, images, labels, source), form


def export_release(
    path: str | Path,
    spec: Spec | None,
    release: Release,
    images: Tensor,
    labels: Tensor,
    overwrite: bool = False,
) -> Format:
    """Writes a release whole or not at all, and says in which format.

    Args:
        path: of the file or folder.
        spec: as in `read_release`; None goes by the suffix of the path.
        release: made for these images.
        images: uint8 [N, C, H, W], clean.
        labels: int64 [N].
        overwrite: whether a file that is there is replaced; a folder never is, unless it is empty.

    Raises:
        UnlearnableError: the place is taken, no format has that suffix, or the format cannot hold
            this release.
        NoiseMismatchError: the release was made for other images.
    """
    path = Path(path)
    form = format_to_write(path, spec)
    check_free(path, form, overwrite)
    form.write(path, release, images, labels)
    return form
