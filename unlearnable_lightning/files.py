"""Files that are there whole or not at all."""

import glob
import os
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
        for left_over in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
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
