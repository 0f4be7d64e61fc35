"""The contract of rows that are read, and what serves those in memory alike."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator

import torch
from torch import Tensor

PIECE = 2**24  # bytes read at once: 16 MB, so a pass over any number of rows takes as much memory


class Rows(ABC):
    """Rows [N, …] of one shape. Like a tensor they have `shape`, `dtype`, a length, `index_select`
    for rows that are wanted now, and `[rows]` for a choice of rows, which reads none of them.

    Attributes:
        shape: (N, …).
        dtype: of the numbers.
    """

    shape: tuple[int, ...]
    dtype: torch.dtype

    @abstractmethod
    def read(self, rows: Tensor) -> Tensor:
        """The numbers of these rows, int64 [B], from 0 to N - 1: [B, …], contiguous, a copy."""

    def __len__(self) -> int:
        return self.shape[0]

    def index_select(self, dim: int, rows: Tensor) -> Tensor:
        """As of a tensor, along its rows: `dim` is 0."""
        assert dim == 0
        return self.read(rows)

    def __getitem__(self, rows: Tensor) -> "Rows":
        """A choice of rows, int64 [R] or bool [N]."""
        return _Chosen(self, rows.nonzero().flatten() if rows.dtype == torch.bool else rows)


class _Chosen(Rows):
    def __init__(self, source: Rows, rows: Tensor) -> None:
        self.source, self.rows = source, rows
        self.shape, self.dtype = (len(rows), *source.shape[1:]), source.dtype

    def read(self, rows: Tensor) -> Tensor:
        return self.source.read(self.rows[rows])


AnyRows = Tensor | Rows
"""Rows in memory, or rows that are read."""


def pieces(rows: AnyRows, size: int = PIECE) -> Iterator[tuple[slice, Tensor]]:
    """Places and numbers of all rows in order, at most `size` bytes at once, or one row; rows in
    memory are not copied."""
    step = max(1, size // max(1, math.prod(rows.shape[1:]) * rows.dtype.itemsize))
    for start in range(0, len(rows), step):
        place = slice(start, min(start + step, len(rows)))
        if isinstance(rows, Tensor):
            yield place, rows[place]
        else:
            yield place, rows.read(torch.arange(place.start, place.stop))


def whole(rows: AnyRows) -> Tensor:
    """All of them in memory."""
    return rows if isinstance(rows, Tensor) else rows.read(torch.arange(len(rows)))
