"""Unlearnable examples on PyTorch Lightning: make error-minimizing noise, train on it, break it."""

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unlearnable_lightning.face import *

__all__ = [  # `__getattr__` imports them
    "CIFAR10DataModule",
    "ClassifierModule",
    "ImageFolderDataModule",
    "MNISTDataModule",
    "NPZDataModule",
    "NoiseFileError",
    "NoiseGenLightningModule",
    "NoiseMismatchError",
    "Release",
    "ShapesDataModule",
    "UnlearnableError",
    "poison",
]


def __getattr__(name: str) -> Any:
    """Imports the face, or a room, when it is used first: torch and Lightning take 4 to 9 seconds
    to import, which `unlearnable --version` and the help of plain commands do not wait for."""
    if name in __all__:
        face = import_module("unlearnable_lightning.face")
        globals().update({each: getattr(face, each) for each in __all__})
        return globals()[name]
    if not name.startswith("_") and find_spec(f"{__name__}.{name}") is not None:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
