"""Unlearnable examples on PyTorch Lightning: make error-minimizing noise, train on it, break it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unlearnable_lightning.face import *  # noqa: F403


def __getattr__(name: str) -> Any:
    """Imports the face when a name of it is used first: torch and Lightning take 4 to 9 seconds to
    import, which `unlearnable --version` does not wait for."""
    if name.startswith("__") and name != "__all__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    face = import_module("unlearnable_lightning.face")
    globals().update({each: getattr(face, each) for each in face.__all__}, __all__=face.__all__)
    if name not in globals():  # a subpackage is there once the face is
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals()[name]


def __dir__() -> list[str]:
    return sorted({*globals(), *import_module("unlearnable_lightning.face").__all__})
