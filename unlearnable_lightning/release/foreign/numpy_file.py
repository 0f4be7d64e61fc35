"""`.npy` and `.npz` files, nothing unpickled."""

import tokenize
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release.file import NoiseFileError
from unlearnable_lightning.release.foreign.build import Found
from unlearnable_lightning.release.foreign.container import container
from unlearnable_lightning.release.foreign.content import (
    DIFFERENCES,
    IMAGES,
    LABELS,
    ROWS,
    UNNAMED,
    one_of,
)
from unlearnable_lightning.release.foreign.meaning import Holds
from unlearnable_lightning.release.foreign.reason import reason

_DAMAGED = (
    *(OSError, EOFError, KeyError, ValueError, TypeError, MemoryError, OverflowError),
    *(zipfile.BadZipFile, zlib.error, RuntimeError),  # damaged, encrypted, unknown codec
    *(tokenize.TokenError, SyntaxError),  # a damaged header of an array
)


@dataclass(frozen=True)
class Header:
    """Of the array of images or differences in a file: what can be said without reading it."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    has_rows: bool

    @property
    def count(self) -> int:
        """How many images or differences."""
        return self.shape[0]


def read_numpy(path: Path, most_bytes: int, holds: Holds | None = None) -> Found:
    """The images or differences of a file, with labels and places if it has them.

    Args:
        path: of a `.npy`, or of a `.npz` with one array of images or differences.
        most_bytes: what an array may take.
        holds: what the array is, if that is known; None goes by its name.

    Raises:
        NoiseFileError: missing, damaged, Python objects, no such array, or one that is too large.
    """
    try:
        if container(path) == "npy":
            return Found(np.load(path, mmap_mode="r", allow_pickle=False), holds=holds)
        with np.load(path, allow_pickle=False) as archive:
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("it is no NumPy file")
            return _found(archive, most_bytes, holds)
    except _DAMAGED as error:
        raise NoiseFileError(
            f"noise={path} cannot be read ({reason(error)}). It must be a .npy of images or "
            f"differences, or a .npz with one of {', '.join(IMAGES + DIFFERENCES)}."
        ) from error


def _found(archive: np.lib.npyio.NpzFile, most_bytes: int, holds: Holds | None) -> Found:
    name = one_of(IMAGES + DIFFERENCES + UNNAMED, archive, "images or differences")
    if name is None:
        raise UnlearnableError(f"its arrays are {', '.join(archive.files) or 'none'}")
    labels, rows = one_of(LABELS, archive, "labels"), one_of(ROWS, archive, "places")
    read = {each: _array(archive, each, most_bytes) for each in (name, labels, rows) if each}
    kind = str(_array(archive, "kind", 1000)) if "kind" in archive else None
    if kind not in (None, "samplewise", "classwise"):
        raise UnlearnableError(f"its kind is {kind[:40]!r}; it must be samplewise or classwise")
    named: dict[str, Holds] = dict.fromkeys(IMAGES, "images")
    named |= dict.fromkeys(DIFFERENCES, "differences")
    return Found(
        read[name],
        rows=read[rows] if rows else None,
        labels=read[labels] if labels else None,
        holds=holds or named.get(name),
        kind=kind,
    )


def _array(archive: np.lib.npyio.NpzFile, name: str, most_bytes: int) -> np.ndarray:
    assert archive.zip is not None  # until it is closed
    size = archive.zip.getinfo(f"{name}.npy").file_size
    if size > most_bytes:
        raise UnlearnableError(
            f"{name} unpacks to {size} bytes; of this data it takes {most_bytes}"
        )
    array: object = archive[name]
    if not isinstance(array, np.ndarray):  # a member of that name which is no .npy: its bytes
        raise UnlearnableError(f"{name} is no array")
    return array


def main_array(path: Path) -> Header | None:
    """The array of images or differences of a file; None if there is no such file or array."""
    shapes = {}
    kind = container(path)
    with suppress(*_DAMAGED):
        if kind == "npy":
            with open(path, "rb") as file:
                shapes["arr_0"] = _header(file)
        elif kind == "npz":
            with zipfile.ZipFile(path) as archive:
                for name in archive.namelist():
                    with archive.open(name) as member, suppress(*_DAMAGED):
                        shapes[name.removesuffix(".npy")] = _header(member)
    named = [name for name in IMAGES + DIFFERENCES + UNNAMED if name in shapes]
    if not named or not shapes[named[0]][0]:
        return None
    return Header(named[0], *shapes[named[0]], any(name in shapes for name in ROWS))


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype]:
    read = (
        npy.read_array_header_1_0 if npy.read_magic(file) == (1, 0) else npy.read_array_header_2_0
    )
    shape, _, dtype = read(file)
    return shape, dtype
