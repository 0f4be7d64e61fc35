"""Tiny-ImageNet: 100 000 training and 10 000 validation images of 200 classes, 64×64 (2015)."""

from functools import cached_property
from pathlib import Path
from typing import Any

from unlearnable_lightning.checks.image_size import ImageSize
from unlearnable_lightning.data.pictures import PictureDataModule, visible
from unlearnable_lightning.errors import UnlearnableError


class TinyImageNetDataModule(PictureDataModule):
    """Tiny-ImageNet in its own layout; its test images have no labels, so `val` serves for test.

    Args:
        root: the folder `tiny-imagenet-200`: it holds `train/<wnid>/images/` with pictures, and
            `val` with `images` and `val_annotations.txt`, whose lines begin with the name of a
            picture and its wnid.
        image_size: height and width after resizing, in pixels; 64 takes them as they are.
        kwargs: as in `PictureDataModule`.

    Raises:
        UnlearnableError: no such folder, or another layout.
    """

    name = "tiny_imagenet"

    def __init__(
        self, root: str = "data/tiny-imagenet-200", image_size: ImageSize = 64, **kwargs: Any
    ) -> None:
        super().__init__(image_size=image_size, **kwargs)
        self.root = Path(root)

    @cached_property
    def class_names(self) -> tuple[str, ...]:  # type: ignore[override]  # read from the folders
        """The WordNet numbers (wnids), sorted."""
        train = self.root / "train"
        if not train.is_dir():
            raise UnlearnableError(
                f"root={self.root}: there is no folder {train}. Download tiny-imagenet-200.zip "
                "(http://cs231n.stanford.edu/tiny-imagenet-200.zip), unpack it, and give the "
                "folder tiny-imagenet-200 as root."
            )
        return tuple(path.name for path in visible(train) if path.is_dir())

    def pictures(self, split: str) -> tuple[list[Path], list[int]]:
        """As in `PictureDataModule`."""
        found = self._train() if split == "train" else self._val()
        if not found:
            raise UnlearnableError(
                f"root={self.root}: there are no pictures for {split}. Unpack "
                "tiny-imagenet-200.zip anew."
            )
        return [path for path, _ in found], [label for _, label in found]

    def _train(self) -> list[tuple[Path, int]]:
        found = []
        for label, wnid in enumerate(self.class_names):
            folder = self.root / "train" / wnid / "images"
            if not folder.is_dir():
                raise UnlearnableError(
                    f"root={self.root}: there is no folder {folder}; the pictures of a class lie "
                    "in train/<wnid>/images. For train/<class>/ take ImageFolderDataModule."
                )
            found += [(path, label) for path in visible(folder)]
        return found

    def _val(self) -> list[tuple[Path, int]]:
        table = self.root / "val" / "val_annotations.txt"
        if not table.is_file():
            raise UnlearnableError(
                f"root={self.root}: there is no file {table}, which has the labels of val/images. "
                "Unpack tiny-imagenet-200.zip anew; a val that was sorted into folders is read by "
                "ImageFolderDataModule."
            )
        found, label_of = [], {wnid: label for label, wnid in enumerate(self.class_names)}
        for number, line in enumerate(table.read_text().splitlines(), 1):
            name, wnid = (*line.split("\t"), "", "")[:2]
            if wnid not in label_of:
                raise UnlearnableError(
                    f"{table}: line {number} is {line!r}; it must be a picture's name, a tab and "
                    "one of the classes of train. Unpack tiny-imagenet-200.zip anew."
                )
            found.append((self.root / "val" / "images" / name, label_of[wnid]))
        return sorted(found)
