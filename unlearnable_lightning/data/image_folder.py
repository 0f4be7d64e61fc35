"""Folders of pictures: root/train/<class>/ and root/test/<class>/."""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.data.picture import read_picture
from unlearnable_lightning.errors import UnlearnableError


class ImageFolderDataModule(ImageDataModule):
    """Pictures of any size and format, cropped to squares around their centre and resized.

    What is transparent is shown on white; of an animation the first frame counts (`read_picture`).

    Args:
        root: holds `train` and `test`, and they a folder per class, which names it. Hidden files
            are passed over; any other file must be a picture.
        image_size: height and width after resizing, in pixels.
        kwargs: as in `ImageDataModule`.

    Raises:
        UnlearnableError: missing or empty folders, other classes in `test` than in `train`, files
            that are no pictures or do not say what is black and what is white.
    """

    in_channels = 3

    def __init__(self, root: str = "data/images", image_size: int = 32, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        whole_number("image_size", image_size, 1, "an image has at least 1 pixel")
        self.root = Path(root)
        self.name = self.root.resolve().name
        self.image_size = image_size

    @cached_property
    def class_names(self) -> tuple[str, ...]:  # type: ignore[override]  # read from the folders
        """Names of the folders, sorted."""
        return self._classes("train")

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        """As in `ImageDataModule`; pictures are read by several threads."""
        if self._classes(split) != self.class_names:
            raise UnlearnableError(
                f"{self.root / split} has the classes {', '.join(self._classes(split))}; it must "
                f"have those of train: {', '.join(self.class_names)}."
            )
        paths, labels = [], []
        for label, name in enumerate(self.class_names):
            pictures = _visible(self.root / split / name)
            if not pictures:
                raise UnlearnableError(
                    f"{self.root / split / name} is empty; every class needs a picture. Add some "
                    "or remove the folder from train and test."
                )
            paths += pictures
            labels += [label] * len(pictures)
        with ThreadPoolExecutor() as pool:  # decoding releases the interpreter lock
            images = list(pool.map(lambda path: read_picture(path, self.image_size), paths))
        return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2), torch.tensor(labels)

    def _classes(self, split: str) -> tuple[str, ...]:
        folder = self.root / split
        if not folder.is_dir():
            raise UnlearnableError(
                f"root={self.root}: there is no folder {folder}. Pictures lie in "
                "root/train/<class> and root/test/<class>."
            )
        stray = [path for path in _visible(folder) if not path.is_dir()]
        names = tuple(path.name for path in _visible(folder) if path.is_dir())
        if stray or not names:
            raise UnlearnableError(
                f"{folder} must hold one folder per class and nothing else; it has "
                f"{f'the file {stray[0].name}' if stray else 'no folder'}."
            )
        return names


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
