"""Noises, defences and augmentations: found by their files being there."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
import yaml
from torch import nn

from unlearnable_lightning import augment, defences
from unlearnable_lightning.defences import Defence
from unlearnable_lightning.noise import methods

CONFIGS = Path(__file__).parents[1] / "configs"


@dataclass(frozen=True)
class Room:
    """A kind of pages.

    Attributes:
        folder: of the pages.
        title: of their overview.
        package: whose files are looked at.
        base: what a class must be.
        face: the package that exports it.
        configs: folders of the YAMLs that may name it.
    """

    folder: str
    title: str
    package: Any
    base: type
    face: str
    configs: tuple[str, ...]


ROOMS = (
    Room("noises", "Noises", methods, L.LightningModule, "unlearnable_lightning.noise", ("noise",)),
    Room(
        "defences",
        "Defences",
        defences,
        Defence,
        "unlearnable_lightning.defences",
        ("defence", "augment"),
    ),
    Room(
        "augmentations",
        "Augmentations",
        augment,
        nn.Module,
        "unlearnable_lightning.augment",
        ("augment", "views"),
    ),
)


@dataclass(frozen=True)
class Entry:
    """A class with a page.

    Attributes:
        cls: the class.
        room: its kind.
        file: name of its file, and of its page.
    """

    cls: type
    room: Room
    file: str

    @property
    def name(self) -> str:
        """What a YAML calls it."""
        return self.cls.__name__

    @property
    def path(self) -> str:
        """Where its code is, as an import path."""
        return f"{self.cls.__module__}.{self.name}"

    @property
    def doc(self) -> str:
        """What its docstring says before the arguments."""
        return inspect.cleandoc(self.cls.__doc__ or "").split("\nArgs:")[0].split("\nExample:")[0]

    @property
    def source(self) -> str:
        """What the docstring of its file says: name and paper."""
        module = importlib.import_module(self.cls.__module__)
        return inspect.cleandoc(module.__doc__ or "")

    def configs(self) -> list[Path]:
        """The YAMLs that make it: first the one that has its name, then the shortest."""
        found = [
            path
            for folder in self.room.configs
            for path in (CONFIGS / folder).glob("*.yaml")
            if self.name in _named(yaml.safe_load(path.read_text("utf-8")), self.room)
        ]
        return sorted(found, key=lambda path: (self.file not in path.stem, len(path.stem), path))


def entries(room: Room) -> list[Entry]:
    """All that the files of a room define and its face exports, in the order of the files."""
    exported = importlib.import_module(room.face).__all__
    found = []
    for info in pkgutil.iter_modules(room.package.__path__):
        module = importlib.import_module(f"{room.package.__name__}.{info.name}")
        for name, cls in inspect.getmembers(module, inspect.isclass):
            own = cls.__module__ == module.__name__ and issubclass(cls, room.base)
            if own and cls is not room.base and name in exported:
                found.append(Entry(cls, room, info.name))
    return found


def _named(config: dict[str, Any], room: Room) -> set[str]:
    """The classes that a config gives the part of the room; of a noise, the method alone."""
    if room.folder == "noises":
        return {config["model"]["class_path"].rpartition(".")[2]}
    return set(_words(config))


def _words(value: Any) -> Iterator[str]:
    """All strings of a config, the last part of import paths."""
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, str):
        yield value.rpartition(".")[2]
    elif not isinstance(value, (int, float, type(None))):
        for each in value:
            yield from _words(each)
