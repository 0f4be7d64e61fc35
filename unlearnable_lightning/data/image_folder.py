"""Folders of pictures: root/train/<class>/ and root/test/<class>/."""

from functools import cached_property
from pathlib import Path
from typing import Any

from unlearnable_lightning.checks.image_size import ImageSize
from unlearnable_lightning.data.pictures import PictureDataModule, visible
from unlearnable_lightning.errors import UnlearnableError


class ImageFolderDataModule(PictureDataModule):
    """Pictures of any size and format, cropped around their centre and resized.

    What is transparent is shown on white; of an animation the first frame counts (`read_picture`).

    Args:
        root: holds `train` and `test`, and they a folder per class, which names it. Hidden files
            are passed over; any other file must be a picture.
        image_size: height and width after resizing, in pixels: one number for squares, or
            [height, width].
        kwargs: as in `PictureDataModule`.

    Raises:
        UnlearnableError: missing or empty folders, other classes in `test` than in `train`, files
            that are no pictures or do not say what is black and what is white.
    """

    def __init__(
        self, root: str = "data/images", image_size: ImageSize = 32, **kwargs: Any
    ) -> None:
        super().__init__(image_size=image_size, **kwargs)
        self.root = Path(root)
        self.name = self.root.resolve().name

    @cached_property
    def class_names(self) -> tuple[str, ...]:  # type: ignore[override]  # read from the folders
        """Names of the folders, sorted."""
        return self._classes("train")

    def pictures(self, split: str) -> tuple[list[Path], list[int]]:
        """As in `PictureDataModule`."""
        if self._classes(split) != self.class_names:
            raise UnlearnableError(
                f"{self.root / split} has the classes {', '.join(self._classes(split))}; it must "
                f"have those of train: {', '.join(self.class_names)}."
            )
        paths, labels = [], []
        for label, name in enumerate(self.class_names):
            found = visible(self.root / split / name)
            if not found:
                raise UnlearnableError(
                    f"{self.root / split / name} is empty; every class needs a picture. Add some "
                    "or remove the folder from train and test."
                )
            paths += found
            labels += [label] * len(found)
        return paths, labels

    def _classes(self, split: str) -> tuple[str, ...]:
        folder = self.root / split
        if not folder.is_dir():
            raise UnlearnableError(
                f"root={self.root}: there is no folder {folder}. Pictures lie in "
                "root/train/<class> and root/test/<class>."
            )
        stray = [path for path in visible(folder) if not path.is_dir()]
        names = tuple(path.name for path in visible(folder) if path.is_dir())
        if stray or not names:
            raise UnlearnableError(
                f"{folder} must hold one folder per class and nothing else; it has "
                f"{f'the file {stray[0].name}' if stray else 'no folder'}."
            )
        return names
