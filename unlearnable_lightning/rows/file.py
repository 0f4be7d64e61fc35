"""Rows in a file of plain numbers, one after the other.

They are read by `pread`, not through a mapping: mapped pages count as memory of the process until
the kernel takes them back, and a mapped file that was cut kills the process with SIGBUS.
"""

import math
import os
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.rows.base import Rows


class FileRows(Rows):
    """Rows of a file.

    Args:
        path: of the file.
        shape: (N, …), as the rows are served.
        dtype: of the numbers, little-endian.
        offset: bytes before the first row.
        channels_last: whether images [C, H, W] lie in the file as [H, W, C].
        writable: whether `write` is called.

    Raises:
        UnlearnableError: from every method, if the file is missing, or cut.
    """

    def __init__(
        self,
        path: Path,
        shape: tuple[int, ...],
        dtype: torch.dtype = torch.uint8,
        offset: int = 0,
        channels_last: bool = False,
        writable: bool = False,
    ) -> None:
        self.path, self.shape, self.dtype = path, shape, dtype
        self.offset, self.channels_last, self.writable = offset, channels_last, writable
        self.row_bytes = math.prod(shape[1:]) * dtype.itemsize
        self._file: int | None = None

    def read(self, rows: Tensor) -> Tensor:
        """As in `Rows`; rows that follow each other are read at one go."""
        c, *size = self.shape[1:]
        stored = (*size, c) if self.channels_last else (c, *size)
        found = torch.empty(len(rows), *stored, dtype=self.dtype)
        into = _bytes(found)
        for at, start, count in _runs(rows):
            view = into[at * self.row_bytes : (at + count) * self.row_bytes]
            self._read(view, self.offset + start * self.row_bytes)
        return found.permute(0, 3, 1, 2).contiguous() if self.channels_last else found

    def write(self, rows: Tensor, numbers: Tensor) -> None:
        """Puts numbers [B, …] into these rows, int64 [B]."""
        given = _bytes(numbers.to("cpu", self.dtype).contiguous())
        for at, start, count in _runs(rows):
            view = given[at * self.row_bytes : (at + count) * self.row_bytes]
            place = self.offset + start * self.row_bytes
            while len(view):
                try:
                    done = os.pwrite(self._open(), view, place)
                except OSError as error:
                    raise UnlearnableError(
                        f"{self.path} cannot be written ({error.strerror}). Make room, or write "
                        "into another folder."
                    ) from error
                view, place = view[done:], place + done

    def close(self) -> None:
        """Lets go of the file; it is opened again when it is needed."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def sync(self) -> None:
        """Flushes what was written to the disk."""
        os.fsync(self._open())

    def _read(self, view: memoryview, place: int) -> None:
        try:
            while len(view):
                done = os.preadv(self._open(), [view], place)
                if not done:
                    raise UnlearnableError(
                        f"{self.path} is cut: it ends before the rows {tuple(self.shape)} of "
                        f"{self.dtype} that it should hold. Make it anew."
                    )
                view, place = view[done:], place + done
        except OSError as error:
            raise UnlearnableError(
                f"{self.path} cannot be read ({error.strerror}). It was there before: copy it "
                "back, or make it anew."
            ) from error

    def _open(self) -> int:
        if self._file is None:
            self._file = os.open(self.path, os.O_RDWR if self.writable else os.O_RDONLY)
        return self._file

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_file": None}  # another process opens it for itself

    def __del__(self) -> None:
        if os is not None:  # the interpreter may be ending
            self.close()


def _bytes(numbers: Tensor) -> memoryview:
    return numbers.flatten().view(torch.uint8).numpy().data


def _runs(rows: Tensor) -> list[tuple[int, int, int]]:
    """Place in the batch, first row and number of rows that follow each other."""
    if not len(rows):
        return []
    breaks = (rows.diff() != 1).nonzero().flatten() + 1
    starts = torch.cat([breaks.new_zeros(1), breaks])
    counts = torch.cat([starts, breaks.new_full((1,), len(rows))]).diff()
    return list(zip(starts.tolist(), rows[starts].tolist(), counts.tolist(), strict=True))
