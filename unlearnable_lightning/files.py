"""Files that are there whole or not at all."""

import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from unlearnable_lightning.errors import UnlearnableError


@contextmanager
def replacing(path: str | Path) -> Iterator[BinaryIO]:
    """A binary file to write, which takes the place of `path` when it is complete.

    It lies beside `path` until then, so that a rename is all that is left to do. Whoever is killed
    at any moment leaves the old file or the new one; a part of the new one that a killed process
    left is removed by the next that writes `path`.

    Raises:
        UnlearnableError: the folder or the disk does not take it; what was at `path` is kept.
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left_over in _left_over(path):
            left_over.unlink(missing_ok=True)
        try:
            with open(beside, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        kept = "the file of before is kept" if path.exists() else "nothing is there"
        raise UnlearnableError(
            f"{path} cannot be written ({error.strerror or error}); {kept}. Make room, or "
            "write into another folder."
        ) from error


@contextmanager
def new_folder(path: str | Path) -> Iterator[Path]:
    """A folder to fill, which is at `path` when it is complete.

    It lies beside `path` until then. A folder that holds something is never replaced: what else is
    in it, nobody knows.

    Raises:
        UnlearnableError: there is a file or a folder that is not empty, or the disk does not take
            it; nothing is left then.
    """
    path = Path(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part") if path.name else path
    if path.is_symlink() or (path.exists() and (not path.is_dir() or any(path.iterdir()))):
        raise UnlearnableError(
            f"{path} is there already, and a folder must be new or empty. Choose another name, or "
            "remove it."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for left_over in _left_over(path):
            shutil.rmtree(left_over, ignore_errors=True)
        try:
            beside.mkdir()
            yield beside
            os.replace(beside, path)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise UnlearnableError(
            f"{path} cannot be written ({error.strerror or error}); nothing is there. Make room, "
            "or write into another folder."
        ) from error


def _left_over(path: Path) -> list[Path]:
    """Parts of `path` that killed processes left; not those of `a.png.png`, if it is `a.png`, which
    another thread may be writing."""
    begin = f".{path.name}."
    parts = path.parent.glob(f"{glob.escape(begin)}*.part")
    return [part for part in parts if part.name[len(begin) : -len(".part")].isdigit()]


def is_there(path: Path) -> bool:
    """Whether something is at a place, be it a link that leads nowhere.

    Raises:
        UnlearnableError: no disk takes such a name: too long, or with a zero byte.
    """
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:
        raise UnlearnableError(
            f"{str(path)!r} cannot be written ({error}). Choose another name."
        ) from error
    return True


def check_folder(folder: Path) -> None:
    """Refuses a folder that will take no files, before the work whose result they are.

    Raises:
        UnlearnableError: it is a file, or it or the folder that it would be made in may not be
            written, or no disk takes its name.
    """
    there = next(each for each in (folder, *folder.absolute().parents) if is_there(each))
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        why = "may not be written" if there.is_dir() else "is no folder"
        raise UnlearnableError(
            f"{folder}: nothing can be written there, since {there} {why}. Choose another folder."
        )
