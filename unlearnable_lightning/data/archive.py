"""The arrays of an `.npz` file, one at a time, and nothing unpickled."""

import io
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import torch
from numpy.lib import format as npy
from torch import Tensor

from unlearnable_lightning.data.layout import image_layout, label_layout
from unlearnable_lightning.errors import UnlearnableError

_CHUNK = 2**22  # bytes read at once: images go straight to their place, and are held once
Header = tuple[tuple[int, ...], bool, np.dtype]


class Archive:
    """A file of `numpy.savez`.

    Args:
        path: of it.
        argument: that gave the path, for the error messages.

    Raises:
        UnlearnableError: from every method, if the file is missing, damaged or no archive, or an
            array is not in it or is not what was asked for.
    """

    def __init__(self, path: Path, argument: str = "path") -> None:
        self.path, self.argument = path, argument

    def names(self) -> tuple[str, ...]:
        """Of its arrays, sorted."""
        with self._open() as archive:
            return _names(archive)

    def image_shape(self, name: str) -> tuple[int, int, int, int]:
        """(N, H, W, C) of images, without reading them."""
        with self._array(name) as (_, (shape, _, dtype)):
            return image_layout(f"{self.path}: {name}", shape, dtype)

    def images(self, name: str) -> Tensor:
        """uint8 [N, C, H, W] of an array N×H×W×C or N×H×W."""
        with self._array(name) as (file, (shape, fortran_order, dtype)):
            n, h, w, c = image_layout(f"{self.path}: {name}", shape, dtype)
            images = torch.empty(n, c, h, w, dtype=torch.uint8)
            rows = n if fortran_order else _CHUNK // max(h * w * c, 1)
            for into in images.split(max(rows, 1)):
                read = np.frombuffer(_exactly(file, into.numel()), np.uint8)
                whole = (
                    read.reshape(c, w, h, n).T
                    if fortran_order
                    else read.reshape(len(into), h, w, c)
                )
                into.numpy()[:] = whole.transpose(0, 3, 1, 2)
            if file.read(1):  # at the end of it the zip file compares its checksum
                raise ValueError(f"{name} has more bytes than its shape says")
            return images

    def labels(self, name: str) -> Tensor:
        """int64 [N] of an array of integers."""
        with self._array(name) as (_, (shape, _, dtype)):
            label_layout(f"{self.path}: {name}", shape, dtype)
        with self._open() as archive:
            array = npy.read_array(io.BytesIO(archive.read(f"{name}.npy")), allow_pickle=False)
            return torch.from_numpy(array.astype(np.int64))

    @contextmanager
    def _open(self) -> Iterator[zipfile.ZipFile]:
        try:
            with zipfile.ZipFile(self.path) as archive:
                yield archive
        except UnlearnableError:
            raise
        except (
            *(OSError, EOFError, ValueError, RuntimeError, MemoryError),
            *(zipfile.BadZipFile, zlib.error),  # damaged, encrypted, unknown codec
            *(tokenize.TokenError, SyntaxError, TypeError),  # a damaged header of an array
        ) as error:
            raise UnlearnableError(self._refusal(str(error))) from error

    @contextmanager
    def _array(self, name: str) -> Iterator[tuple[IO[bytes], Header]]:
        """The file of an array, open behind its header, and what the header says."""
        with self._open() as archive:
            if name not in _names(archive):
                there = ", ".join(_names(archive)) or "none"
                raise UnlearnableError(self._refusal(f"it has no {name}; its arrays are: {there}"))
            with archive.open(f"{name}.npy") as file:
                header = _header(file)
                if header[2].hasobject:
                    raise UnlearnableError(
                        self._refusal(
                            f"{name} holds Python objects as a pickle, which could run code. Store "
                            "numbers: images of one size by numpy.stack, as uint8"
                        )
                    )
                yield file, header

    def _refusal(self, reason: str) -> str:
        return (
            f"{self.argument}={self.path} cannot be read ({reason}). It must be a file of "
            "numpy.savez(path, x_train=…, y_train=…, x_test=…, y_test=…)."
        )


def _names(archive: zipfile.ZipFile) -> tuple[str, ...]:
    return tuple(sorted(name[:-4] for name in archive.namelist() if name.endswith(".npy")))


def _header(file: IO[bytes]) -> Header:
    old = npy.read_magic(file) == (1, 0)
    return npy.read_array_header_1_0(file) if old else npy.read_array_header_2_0(file)


def _exactly(file: IO[bytes], count: int) -> bytes:
    read = file.read(count)
    if len(read) != count:
        raise EOFError("an array is cut")
    return read
