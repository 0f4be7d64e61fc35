"""A tree of pictures with a folder for each class, as torchvision and others train on it."""

import re
from pathlib import Path

from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import new_folder
from unlearnable_lightning.release.file import NoiseFileError
from unlearnable_lightning.release.fits import poison
from unlearnable_lightning.release.foreign.pictures import index_of, visible, write_pictures
from unlearnable_lightning.release.formats.base import Format
from unlearnable_lightning.release.formats.png_folder import of_pictures
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource

_PLAIN = re.compile(r"[A-Za-z0-9][\w .+-]{0,99}", re.ASCII)


class ImageFolder(Format):
    """`train/CLASS/INDEX.png`: all images of the data, poisoned, named by class and place.

    `torchvision.datasets.ImageFolder("out/train")`, timm, `datasets` ("imagefolder") and our
    `ImageFolderDataModule` read it. They number classes by sorted names: where that would change
    the labels, the folders are called `00_name`, `01_name`, ….

    Example:
        `unlearnable convert noise.safetensors out --data CIFAR10DataModule --to ImageFolder`
    """

    folder = True

    def read(self, path: Path, images: Tensor, labels: Tensor, source: DataSource) -> Release:
        """See `Format.read`."""
        folders = _folders(path)
        known = {name: label for label, name in enumerate(folder_names(source.class_names))}
        pictures: list[Path] = []
        for folder in folders:
            if folder.name not in known:
                raise UnlearnableError(
                    f"{folder} is no class of this data, whose folders are "
                    f"{', '.join(list(known)[:20])}. Use the data that it was made for."
                )
            for picture in visible(folder):
                _check_class(picture, known[folder.name], labels)
                pictures.append(picture)
        if not pictures:
            raise NoiseFileError(f"noise={path} holds no picture; it must hold one at least.")
        return of_pictures(pictures, images, labels, source, self.made_by)

    def write(self, path: Path, release: Release, images: Tensor, labels: Tensor) -> None:
        """See `Format.write`."""
        poisoned = poison(images, labels, release)
        names = folder_names(release.source.class_names)
        with new_folder(path) as root:
            folders = [root / "train" / name for name in names]
            for label in labels.unique().tolist():
                folders[label].mkdir(parents=True)
            places = enumerate(labels.tolist())
            write_pictures([folders[label] / f"{i}.png" for i, label in places], poisoned)

    def recognises(self, path: Path, source: DataSource) -> bool:
        """See `Format.recognises`."""
        return (path / "train").is_dir()


def folder_names(class_names: tuple[str, ...]) -> list[str]:
    """Names of folders whose sorted order is that of the labels, and which stay in their place.

    A name that a disk may take for another place (`..`, `a/b`) or for another name loses what is
    special in it.
    """
    plain = all(_PLAIN.fullmatch(name) and name[-1] not in " ." for name in class_names)
    lower = [name.lower() for name in class_names]
    sorted_ = list(class_names) == sorted(class_names) and lower == sorted(set(lower))
    if plain and sorted_:
        return list(class_names)
    digits = len(str(len(class_names) - 1))
    names = [re.sub(r"[^\w+-]", "_", name, flags=re.ASCII)[:80] for name in class_names]
    return [f"{label:0{digits}d}_{name}" for label, name in enumerate(names)]


def _folders(path: Path) -> list[Path]:
    train = path / "train"
    if not train.is_dir() or train.is_symlink():
        raise NoiseFileError(
            f"noise={path}: there is no folder {train}. Pictures lie in train/CLASS/INDEX.png."
        )
    folders = visible(train)
    for folder in folders:
        if folder.is_symlink() or not folder.is_dir():
            raise UnlearnableError(
                f"{folder} is a link or a file; there must be a folder for each class and nothing "
                "else. Move it away."
            )
    return folders


def _check_class(picture: Path, label: int, labels: Tensor) -> None:
    index = index_of(picture)
    if index < len(labels) and int(labels[index]) != label:
        raise UnlearnableError(
            f"{picture} is in the folder of label {label}, and image {index} of this data has "
            f"label {int(labels[index])}. Use the data that it was made for, in its order."
        )
