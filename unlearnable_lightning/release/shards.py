"""The differences of a release that fits no memory: files beside it, which its header names."""

import hashlib
import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import replacing
from unlearnable_lightning.pixels import DIFFERENCES
from unlearnable_lightning.rows import PIECE, AnyRows, FileRows, Rows, pieces, tensor_header

SHARD = 2**30  # bytes of one file, at most; or one image
_NAME = re.compile(r"[0-9a-f]{64}\.safetensors")
_DTYPES = {str(dtype).removeprefix("torch."): dtype for dtype in DIFFERENCES}
Check = Callable[[Tensor], None]


class Shard(TypedDict):
    """What a header says of a file. The file has the name of what is in it, so a file of another
    round never takes its place.

    Attributes:
        file: its name, in the folder that `folder_of` names: its checksum and `.safetensors`.
        rows: how many differences it holds.
    """

    file: str
    rows: int


def folder_of(path: Path) -> Path:
    """Where the shards of the release at `path` lie."""
    return path.with_name(f"{path.name}.shards")


def parts(difference: AnyRows) -> list[slice]:
    """The rows of each shard."""
    row = math.prod(difference.shape[1:]) * difference.dtype.itemsize
    step = max(1, SHARD // row)
    count = len(difference)
    return [slice(start, min(start + step, count)) for start in range(0, count, step)]


def write_shard(path: Path, difference: AnyRows, part: slice, check: Check) -> Shard:
    """Writes one of `parts`.

    Args:
        path: of the release.
        difference: all of it, int8 or int16 [R, C, H, W].
        part: the rows of this shard.
        check: raises for differences that are refused, [r, C, H, W].

    Raises:
        UnlearnableError: what `check` raises, or it cannot be written.
    """
    rows = difference[torch.arange(part.start, part.stop)]
    beside, digest = folder_of(path) / f"new-{part.start}.safetensors", hashlib.sha256()
    with replacing(beside) as file:
        file.write(tensor_header("difference", rows.shape, rows.dtype))
        for _, piece in pieces(rows, PIECE // 8):  # made of deltas, it takes ten times as much
            check(piece)
            content = np.ascontiguousarray(piece.numpy()).data
            digest.update(content)
            file.write(content)
    name = f"{digest.hexdigest()}.safetensors"
    os.replace(beside, beside.with_name(name))
    return Shard(file=name, rows=len(rows))


def remove_others(path: Path, shards: list[Shard]) -> None:
    """Removes the shards that the release at `path` does not name (any more)."""
    named = {shard["file"] for shard in shards}
    for file in folder_of(path).glob("*.safetensors"):
        if file.name not in named:
            file.unlink(missing_ok=True)


class ShardRows(Rows):
    """Differences in shards, [R, C, H, W].

    Args:
        path: of the release.
        shards: as its header names them.
        size: C, H, W.
        dtype: `int8` or `int16`.

    Raises:
        UnlearnableError: names or numbers that no header has, or a file that is missing or cut.
    """

    def __init__(self, path: Path, shards: Any, size: tuple[int, ...], dtype: str) -> None:
        self.shards = [_checked(shard) for shard in shards]
        if not self.shards:
            raise UnlearnableError("it names no shard; a release changes one image at least")
        self.dtype = _DTYPES[dtype]
        self.files = [self._file(path, shard, size) for shard in self.shards]
        self.ends = torch.tensor([shard["rows"] for shard in self.shards]).cumsum(0)
        self.shape = (int(self.ends[-1]), *size)

    def _file(self, path: Path, shard: Shard, size: tuple[int, ...]) -> FileRows:
        file, shape = folder_of(path) / shard["file"], (shard["rows"], *size)
        header = tensor_header("difference", shape, self.dtype)
        expected = len(header) + math.prod(shape) * self.dtype.itemsize
        if not file.is_file() or file.stat().st_size != expected:
            is_ = f"has {file.stat().st_size} bytes" if file.is_file() else "is not there"
            raise UnlearnableError(
                f"the shard {file} {is_}; it must have {expected}. The folder {file.parent.name} "
                "goes with the noise file: copy both"
            )
        return FileRows(file, shape, self.dtype, len(header))

    def read(self, rows: Tensor) -> Tensor:
        """As in `Rows`."""
        found = torch.empty(len(rows), *self.shape[1:], dtype=self.dtype)
        shard_of = torch.bucketize(rows, self.ends, right=True)
        for number in shard_of.unique().tolist():
            some = shard_of == number
            start = int(self.ends[number]) - self.shards[number]["rows"]
            found[some] = self.files[number].read(rows[some] - start)
        return found

    def verify(self, check: Check) -> None:
        """Reads all of them once.

        Raises:
            UnlearnableError: a shard was damaged or changed, or what `check` raises.
        """
        for shard, file in zip(self.shards, self.files, strict=True):
            digest = hashlib.sha256()
            for _, piece in pieces(file):
                digest.update(piece.numpy().data)
                check(piece)
            if f"{digest.hexdigest()}.safetensors" != shard["file"]:
                raise UnlearnableError(
                    f"the checksum of the shard {file.path} differs, so it was damaged or changed "
                    "by hand"
                )


def _checked(shard: Any) -> Shard:
    if not isinstance(shard, dict) or shard.keys() != Shard.__required_keys__:
        raise UnlearnableError(f"a shard is {shard!r}; it has a file and a number of rows")
    if not isinstance(shard["file"], str) or not _NAME.fullmatch(shard["file"]):
        raise UnlearnableError(f"a shard is named {shard['file']!r}; its checksum names it")
    if type(shard["rows"]) is not int or shard["rows"] < 1:
        raise UnlearnableError(f"a shard has {shard['rows']!r} rows; it has one at least")
    return Shard(file=shard["file"], rows=shard["rows"])
