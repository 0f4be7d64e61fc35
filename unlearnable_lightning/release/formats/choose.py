"""Which format a file is in, by its content, and which one a name asks for."""

import os
from pathlib import Path

import unlearnable_lightning.release.formats as room  # for its NAMES, when they are asked for
from unlearnable_lightning.by_name import Spec
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import check_folder, is_there
from unlearnable_lightning.release.file import NoiseFileError
from unlearnable_lightning.release.formats.base import Format
from unlearnable_lightning.release.source import DataSource


def format_of_file(path: Path, spec: Spec | None, source: DataSource) -> Format:
    """The format to read a file in.

    Args:
        path: of the file or folder.
        spec: the user's word; None looks into the file.
        source: of the clean images: a count of images may tell two formats apart.

    Raises:
        NoiseFileError: nothing is there, or no format recognises it.
    """
    if not os.path.exists(path):  # Path.exists raises where a name is too long
        raise NoiseFileError(f"noise={path}: there is no such file or folder. Check its name.")
    if spec is not None:
        return Format.of(spec, "from")
    forms = [form for form in map(Format.of, room.NAMES) if form.recognises(path, source)]
    if len(forms) != 1:
        said = " and ".join(type(form).__name__ for form in forms) or "none"
        raise NoiseFileError(
            f"noise={path}: its content is that of {said} of the formats for images of shape "
            f"{source.shape}; there must be one. Say which with --from, one of "
            f"{', '.join(room.NAMES)}."
        )
    return forms[0]


def format_to_write(path: Path, spec: Spec | None) -> Format:
    """The format to write a file in: the user's word, else by the suffix of its name.

    Raises:
        UnlearnableError: no format has that suffix.
    """
    if spec is not None:
        return Format.of(spec, "to")
    forms = list(map(Format.of, room.NAMES))
    by_suffix = [form for form in forms if path.suffix.lower() in form.suffixes]
    if not by_suffix:
        known = ", ".join(f"{'/'.join(f.suffixes)} {type(f).__name__}" for f in forms if f.suffixes)
        raise UnlearnableError(
            f"{path}: its suffix {path.suffix!r} names no format ({known}). Say which with --to, "
            f"one of {', '.join(room.NAMES)}."
        )
    return by_suffix[0]


def check_free(path: Path, form: Format, overwrite: bool) -> None:
    """Refuses a place that will not take what a format writes, before the work whose result it is.
    A file is replaced where that is asked for; a folder never.

    Raises:
        UnlearnableError: something is there, or the folder around it may not be written.
    """
    taken = is_there(path)
    if taken and path.is_dir() and not path.is_symlink():
        _check_empty(path, form)
    elif taken and form.folder:
        raise UnlearnableError(
            f"{path} is there already, and a folder must be new or empty. Choose another name, or "
            "remove it."
        )
    elif taken and not overwrite:
        raise UnlearnableError(
            f"{path} is there already. Give --overwrite true to replace it, or another name."
        )
    if path.name:
        check_folder(path.parent)


def _check_empty(path: Path, form: Format) -> None:
    if any(path.iterdir()):
        raise UnlearnableError(
            f"{path} is a folder that holds something, and that is never replaced. Choose "
            "another name, or remove it."
        )
    if not form.folder:
        raise UnlearnableError(
            f"{path} is a folder, and {type(form).__name__} writes a file. Give a name within it."
        )


def check_apart(source: Path, target: Path) -> None:
    """Refuses to write into the folder that is read: it would hold a stranger afterwards.

    Raises:
        UnlearnableError: `target` lies within `source`.
    """
    if os.path.isdir(source) and source.resolve() in target.resolve().parents:
        raise UnlearnableError(
            f"{target} lies within {source}, which is read. Choose a place beside it."
        )
