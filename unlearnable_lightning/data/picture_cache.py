"""Decoded pictures in one file, which is read row by row."""

import hashlib
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import PIL
import torch
from filelock import FileLock
from lightning.pytorch.utilities import rank_zero_info

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import replacing
from unlearnable_lightning.rows import FileRows, tensor_header


class PictureCache:
    """A safetensors file with the pixels, and in its header a key of the pictures they are from.

    A file of other pictures, of pictures that have changed since (by path, size and time of change)
    or of another size, a damaged and a cut one are found out, and made anew.

    Args:
        path: of the file.
        pictures: files of the pictures, in order.
        size: C, H, W.
    """

    def __init__(self, path: Path, pictures: list[Path], size: tuple[int, int, int]) -> None:
        self.path = path
        self.shape = (len(pictures), *size)
        key = {"pictures": _key(pictures, size)}
        self.header = tensor_header("images", self.shape, torch.uint8, key)

    def rows(self, decode: Callable[[], Iterator[np.ndarray]]) -> FileRows:
        """The pixels, uint8 [N, C, H, W].

        Args:
            decode: gives them in order, some [n, C, H, W] at a time; called if there is no file
                that holds them. Of several processes one decodes, the others wait for it.

        Raises:
            UnlearnableError: the file cannot be written; or what `decode` raises, and then no file
                is left.
        """
        if not self._fits():
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with FileLock(self.path.with_name(f".{self.path.name}.lock")):
                    if not self._fits():  # another process may have made it meanwhile
                        self._make(decode)
            except OSError as error:
                raise UnlearnableError(
                    f"cache={self.path.parent} cannot be written ({error.strerror or error}). Give "
                    "another folder, or null to hold the pictures in memory."
                ) from error
        return FileRows(self.path, self.shape, torch.uint8, len(self.header))

    def _make(self, decode: Callable[[], Iterator[np.ndarray]]) -> None:
        rank_zero_info(f"Decoding {self.shape[0]} pictures into {self.path}")
        with replacing(self.path) as file:
            file.write(self.header)
            for images in decode():
                file.write(images.data)

    def _fits(self) -> bool:
        try:
            whole = self.path.stat().st_size == len(self.header) + math.prod(self.shape)
            with open(self.path, "rb") as file:
                return whole and file.read(len(self.header)) == self.header
        except OSError:
            return False


def _key(pictures: list[Path], size: tuple[int, int, int]) -> str:
    """Of these pictures as they are now; another version of PIL may decode other pixels."""
    digest = hashlib.sha256(json.dumps([size, PIL.__version__]).encode())
    for path in pictures:
        try:
            stat = path.stat()
        except OSError as error:
            raise UnlearnableError(
                f"{path} cannot be read ({error.strerror}). Remove it or replace it."
            ) from error
        entry = [str(path.resolve()), stat.st_size, stat.st_mtime_ns]
        digest.update(json.dumps(entry).encode())
    return digest.hexdigest()
