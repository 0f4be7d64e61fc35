"""What a call is to do, and what calls before it have done: the folder beside OUT."""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import check_folder, replacing
from unlearnable_lightning.protect.words import shown

_LEFT_BY_SYSTEMS = {"thumbs.db", "desktop.ini", "ehthumbs.db"}


def side_folder(out: Path) -> Path:
    """Where the report, the noise and the progress lie: beside OUT, which is to be published."""
    return out.with_name(out.name + ".report")


def check_places(source: Path, out: Path) -> tuple[Path, Path]:
    """Both paths, absolute and without links.

    Raises:
        UnlearnableError: no folder, one of the two lies within the other, or nothing can be
            written.
    """
    if not source.is_dir():
        what = "a file" if source.exists() else "not there"
        raise UnlearnableError(f"{shown(source)} is {what}; give the folder of your pictures.")
    if out.exists() and not out.is_dir():
        raise UnlearnableError(f"{shown(out)} is a file; give a new folder for the pictures.")
    source, out = source.resolve(), out.resolve()
    places = [out, *([side_folder(out)] if out.name else [])]  # only / has no name
    for place in places:
        if place.is_relative_to(source) or source.is_relative_to(place):
            raise UnlearnableError(
                f"{shown(place)} and {shown(source)} lie within one another; what is written would "
                "be taken for your pictures, or lie among them. Give an OUT elsewhere, such as "
                f"{shown(source.parent / (source.name + '-protected'))}."
            )
        check_folder(place)
    return source, out


def check_out(out: Path, expected: set[Path]) -> None:
    """Refuses to write among files of others.

    Args:
        out: the new folder; need not be there.
        expected: what this job writes, relative to it.

    Raises:
        UnlearnableError: names one of the others.
    """
    for folder, _, names in os.walk(out):
        for name in names:
            path = (Path(folder) / name).relative_to(out)
            hidden = name.startswith(".") or name.lower() in _LEFT_BY_SYSTEMS
            if path not in expected and not hidden:
                raise UnlearnableError(
                    f"{shown(out)} holds {shown(path)}, which this command did not write. Give a "
                    "new or empty folder."
                )


def take_up(side: Path, arguments: dict[str, Any], files: str) -> bool:
    """Begins a job, or goes on with the one that the folder is of.

    Args:
        side: as `side_folder` says.
        arguments: that decide what the pictures become.
        files: a fingerprint of the files that there are.

    Returns:
        Whether there was a call before.

    Raises:
        UnlearnableError: the call before had other arguments, or other files.
    """
    path = side / "job.json"
    if not path.exists():
        write_json(path, {"arguments": arguments, "files": files})
        return False
    before = read_json(path)
    fix = f"Give them again, or another OUT; to begin anew, remove OUT and {shown(side)}."
    for name, value in arguments.items():
        then = before["arguments"].get(name)
        if then != value:
            raise UnlearnableError(
                f"{name}={value!r}, but the pictures that are there already were made with {name}="
                f"{then!r}; a folder of both would protect less. {fix}"
            )
    if before["files"] != files:
        raise UnlearnableError(
            "files were added, removed or changed since the first call; noise is made for all "
            f"pictures of a class together. {fix.replace('Give them again', 'Bring them back')}"
        )
    return True


@contextlib.contextmanager
def locked(side: Path) -> Iterator[None]:
    """Nobody else works on the job meanwhile; the system lets go if the process is killed.

    Raises:
        UnlearnableError: somebody does, or the folder cannot be written.
    """
    lock = FileLock(side / ".lock", timeout=0)
    try:
        side.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise UnlearnableError(
            f"another call is at work in {shown(side)}. Wait for its end."
        ) from None
    except OSError as error:
        raise UnlearnableError(
            f"{shown(side)} cannot be written ({error.strerror or error}). Give an OUT in a folder "
            "where you may write."
        ) from error
    try:
        yield
    finally:
        lock.release()


def read_json(path: Path) -> Any:
    """What `write_json` wrote.

    Raises:
        UnlearnableError: it is damaged.
    """
    try:
        return json.loads(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise UnlearnableError(
            f"{shown(path)} cannot be read ({error}). Remove {shown(path.parent)} and OUT, and "
            "begin anew."
        ) from error


def write_json(path: Path, value: Any) -> None:
    """Whole or not at all. ASCII: names of any bytes come back as they were."""
    with replacing(path) as file:
        file.write(json.dumps(value, indent=1).encode("ascii"))
