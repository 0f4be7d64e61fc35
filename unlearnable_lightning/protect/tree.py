"""The files of a folder: those that may be pictures, and those that cannot be, with the reason."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_RAW = {
    *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".mef"),
    *(".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2"),
    *(".srf", ".srw", ".x3f"),
}
LONGEST = 200
"""Bytes of a name: file systems take 255, and a file that is being written has a longer one."""
_DEEPEST = 100  # folders within one another; Python's own walks end at a thousand


@dataclass(frozen=True)
class Skipped:
    """A file that is left out.

    Attributes:
        path: relative to the folder.
        reason: a sentence without its full stop.
    """

    path: str
    reason: str


def files_of(root: Path) -> tuple[list[Path], list[Skipped]]:
    """Every file below a folder, sorted: candidates, relative to it, and the others.

    Links to files within the folder are followed, links to folders are not: they may lead round in
    a circle. Nothing is opened.
    """
    found: list[Path] = []
    skipped: list[Skipped] = []
    for path, reason in _walk(root, root):
        inside = path.relative_to(root)
        if reason is None:
            found.append(inside)
        else:
            skipped.append(Skipped(str(inside), reason))
    return sorted(found), sorted(skipped, key=lambda each: each.path)


def _walk(folder: Path, root: Path) -> Iterator[tuple[Path, str | None]]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield folder, f"the folder cannot be read ({error.strerror})"
        return
    if len(folder.parts) - len(root.parts) > _DEEPEST:
        yield folder, f"lies more than {_DEEPEST} folders deep; move it up"
        return
    for path in entries:
        try:
            if path.is_dir() and not path.is_symlink() and not path.name.startswith("."):
                yield from _walk(path, root)
            else:
                yield path, _reason(path, root)
        except OSError as error:  # a path of more than 4096 bytes, or a disk that fails
            yield path, f"cannot be read ({error.strerror})"


def _reason(path: Path, root: Path) -> str | None:
    """Why a path is no candidate; None if it is one."""
    if path.name.startswith("."):
        return "hidden"
    if len(os.fsencode(path.name)) > LONGEST:
        return f"its name has more than {LONGEST} bytes; shorten it"
    if path.is_symlink():
        if not path.exists():
            return "a link that leads nowhere"
        if not path.resolve().is_relative_to(root):
            return "a link that leaves the folder; put the picture itself here"
        if path.is_dir():
            return "a link to a folder"
    if not path.is_file():
        return "no file but a device, a pipe or a socket"
    if not os.access(path, os.R_OK):
        return "may not be read (permissions)"
    if path.stat().st_size == 0:
        return "empty, zero bytes"
    if path.suffix.lower() in _RAW:
        return "a camera's raw file; export it as JPEG or TIFF, and protect that"
    return None
