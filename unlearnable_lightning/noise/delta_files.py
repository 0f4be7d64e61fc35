"""The files of deltas that fit no memory: one for each rank and round, with the rows of its own."""

import hashlib
import math
import re
from pathlib import Path
from typing import TypedDict

import torch
from torch import Tensor

from unlearnable_lightning.data.share import Share
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import quantize
from unlearnable_lightning.rows import FileRows, Rows, pieces

_NAME = re.compile(r"(\d+)\.(\d+)-of-(\d+)\.f16")  # round, rank, ranks


class DeltaFile(TypedDict):
    """What a checkpoint says of the file of a rank: its name, no place, and its checksum."""

    file: str
    sha256: str


def name_of(rounds: int, rank: int, ranks: int) -> str:
    """The file of a rank after so many rounds."""
    return f"{rounds}.{rank}-of-{ranks}.f16"


def round_of(name: str) -> int | None:
    """After how many rounds a file was written; None if it is none of these files."""
    found = _NAME.fullmatch(name)
    return None if found is None else int(found[1])


def create(path: Path, shape: tuple[int, ...]) -> FileRows:
    """A new file of zeros, in the place of any that is there."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            file.truncate(math.prod(shape) * torch.float16.itemsize)
    except OSError as error:
        raise UnlearnableError(
            f"{path} cannot be written ({error.strerror or error}). Make room, or write into "
            "another folder."
        ) from error
    return FileRows(path, shape, torch.float16, writable=True)


def describe(file: FileRows) -> DeltaFile:
    """What a checkpoint will say of this file."""
    return DeltaFile(file=file.path.name, sha256=_checksum(file))


class DeltaFiles(Rows):
    """The deltas of all images, float16 [N, …], out of the files of all ranks.

    Args:
        folder: of the files.
        names: of the files, in the order of the ranks.
        images: N.
        shape: of one delta.

    Raises:
        UnlearnableError: a file is missing.
    """

    def __init__(self, folder: Path, names: list[str], images: int, shape: tuple[int, ...]) -> None:
        self.share = Share(images, len(names))
        self.shape, self.dtype = (images, *shape), torch.float16
        self.files = [
            FileRows(folder / name, (count, *shape), torch.float16)
            for name, count in zip(names, self.share.counts, strict=True)
        ]

    @classmethod
    def found(
        cls, folders: list[Path], named: list[DeltaFile], images: int, shape: tuple[int, ...]
    ) -> "DeltaFiles":
        """Those that a checkpoint names, in the first of the folders that has them.

        Raises:
            UnlearnableError: none has them all.
        """
        names = [each["file"] for each in named]
        for folder in folders:
            if all(round_of(name) is not None and (folder / name).is_file() for name in names):
                return cls(folder, names, images, shape)
        raise UnlearnableError(
            f"the checkpoint's noise lies in the files {', '.join(names)}, which are not in "
            f"{' or '.join(map(str, folders))}. Those of the last checkpoint alone are kept: "
            "resume from last.ckpt, and copy the folder deltas with it."
        )

    def check(self, rank: int, sha256: str) -> None:
        """Refuses a file that is not as it was.

        Raises:
            UnlearnableError: its checksum differs.
        """
        if _checksum(self.files[rank]) != sha256:
            raise UnlearnableError(
                f"{self.files[rank].path} is not the file that the checkpoint names: its checksum "
                "differs. Copy it again, or make the noise anew."
            )

    def read(self, rows: Tensor) -> Tensor:
        """As in `Rows`."""
        found = torch.empty(len(rows), *self.shape[1:], dtype=self.dtype)
        owner, place = self.share.owner[rows], self.share.place[rows]
        for rank in owner.unique().tolist():
            of_rank = owner == rank
            found[of_rank] = self.files[rank].read(place[of_rank])
        return found


class InLevels(Rows):
    """Deltas as grey levels, int8 [N, C, H, W].

    Args:
        deltas: float16 [N, C or 1, H, W], in pixels of [0, 1].
        channels: C.
        epsilon: bound of the noise, in pixels of [0, 1].
    """

    def __init__(self, deltas: Rows, channels: int, epsilon: float) -> None:
        self.deltas, self.epsilon = deltas, epsilon
        n, _, *size = deltas.shape
        self.shape, self.dtype = (n, channels, *size), torch.int8

    def read(self, rows: Tensor) -> Tensor:
        """As in `Rows`."""
        levels = quantize(self.deltas.read(rows), self.epsilon)
        return levels.expand(-1, self.shape[1], -1, -1).contiguous()


def _checksum(file: FileRows) -> str:
    digest = hashlib.sha256()
    for _, piece in pieces(file):
        digest.update(piece.view(torch.uint8).numpy().data)
    return digest.hexdigest()
