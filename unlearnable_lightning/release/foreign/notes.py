"""Pickles as notes: nothing that a pickle names is imported or called.

Each name becomes a class of its own for this one reading, and its instances only note what the
pickle wanted to call it with. `arrays_of_notes` then makes arrays of those notes that describe one.
"""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from unlearnable_lightning.release.file import NoiseFileError
from unlearnable_lightning.release.foreign.opcodes import check_opcodes
from unlearnable_lightning.release.foreign.reason import reason

_NUMPY = [f"numpy.{core}.{name}" for core in ("core", "_core") for name in
          ("multiarray._reconstruct", "multiarray.scalar", "numeric._frombuffer")]  # fmt: skip
ADMITTED = frozenset(
    [*_NUMPY, "numpy.ndarray", "numpy.dtype"]
    + [f"PIL.{name}" for name in ("Image.Image", "PngImagePlugin.PngImageFile")]
    + ["_codecs.encode"]  # bytes in a pickle of protocol 2
)


class Note:
    """What a pickle wanted to call, and to set."""

    __slots__ = ("arguments", "state")
    named = ""
    arguments: tuple[Any, ...]
    state: Any

    def __new__(cls, *arguments: Any) -> "Note":
        """Notes the arguments of a call."""
        note = super().__new__(cls)
        note.arguments, note.state = arguments, None
        return note

    def __setstate__(self, state: Any) -> None:
        self.state = state


def fresh_names() -> dict[str, type[Note]]:
    """Classes for the admitted names. They are fresh: a pickle can set attributes of a class, and
    the next reading must not see them."""
    return {name: type("Note", (Note,), {"__slots__": (), "named": name}) for name in ADMITTED}


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: IO[bytes], names: Mapping[str, type[Note]]) -> None:
        super().__init__(file)
        self._names = names

    def find_class(self, module: str, name: str) -> Any:
        wanted = f"{module}.{name}"
        if wanted not in self._names:
            raise pickle.UnpicklingError(f"it names {wanted}, which is no NumPy array")
        return self._names[wanted]


def read_notes(path: Path) -> Any:
    """The content of a pickle: numbers, texts, bytes, lists, dicts, and notes of the rest.

    Raises:
        NoiseFileError: missing, damaged, or it names something else than arrays and pictures.
    """
    try:
        with open(path, "rb") as file:
            check_opcodes(file)
            file.seek(0)
            return _Unpickler(file, fresh_names()).load()
    except Exception as error:  # the reader stumbles over damaged bytes in a dozen ways
        raise NoiseFileError(
            f"noise={path} is refused ({reason(error)}). It must be a pickle of "
            "NumPy arrays of numbers, which is read without running any of it; store yours with "
            "pickle.dump(array, file) or numpy.save."
        ) from error
