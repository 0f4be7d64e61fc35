"""Data sets of pictures in files: decoded into memory, or once into a cache that is read."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unlearnable_lightning.checks.image_size import ImageSize, height_and_width
from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.data.picture import read_picture
from unlearnable_lightning.data.picture_cache import PictureCache
from unlearnable_lightning.rows import AnyRows

_AT_ONCE = 256  # pictures in memory while a cache is written: 38 MB of 224×224


class PictureDataModule(ImageDataModule, ABC):
    """Pictures of any size and format, cropped around their centre and resized.

    Args:
        image_size: height and width after resizing, in pixels: one number for squares, or
            [height, width].
        cache: a folder for the decoded pictures: they are decoded once, into a file that is read
            batch by batch, for data that fits no memory; null decodes them at every start and holds
            them in memory.
        num_workers: how many threads decode; null takes four more than there are processors.
        kwargs: as in `ImageDataModule`.

    Attributes:
        paths: by split, the files of its pictures, in the order of the data set before any subset;
            of the splits that were read.
    """

    in_channels = 3

    def __init__(
        self,
        image_size: ImageSize = 32,
        cache: str | None = None,
        num_workers: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.size = height_and_width(image_size)
        if num_workers is not None:
            whole_number("num_workers", num_workers, 1, "at least 1 thread decodes pictures")
        self.image_size = image_size
        self.cache = None if cache is None else Path(cache)
        self.num_workers = num_workers
        self.paths: dict[str, list[Path]] = {}

    @abstractmethod
    def pictures(self, split: str) -> tuple[list[Path], list[int]]:
        """Files and labels of the split `train` or `test`, in order."""

    def read(self, split: str) -> tuple[AnyRows, Tensor]:
        """As in `ImageDataModule`; pictures are read by several threads."""
        paths, labels = self.pictures(split)
        self.paths[split] = paths
        if self.cache is None:
            images = list(self._decoded(paths, len(paths)))
            return torch.from_numpy(np.concatenate(images)), torch.tensor(labels)
        name = f"{self.name}-{split}-{self.size[0]}x{self.size[1]}.pictures"
        cache = PictureCache(self.cache / name, paths, (3, *self.size))
        return cache.rows(lambda: self._decoded(paths, _AT_ONCE)), torch.tensor(labels)

    def _decoded(self, paths: list[Path], at_once: int) -> Iterator[np.ndarray]:
        """uint8 [at most `at_once`, 3, H, W], in order."""
        with ThreadPoolExecutor(self.num_workers) as pool:  # decoding lets go of the interpreter
            for start in range(0, len(paths), at_once):
                some = paths[start : start + at_once]
                images = list(pool.map(lambda path: read_picture(path, self.size), some))
                yield np.ascontiguousarray(np.stack(images).transpose(0, 3, 1, 2))


def visible(folder: Path) -> list[Path]:
    """What a folder holds, sorted; hidden files are passed over."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
