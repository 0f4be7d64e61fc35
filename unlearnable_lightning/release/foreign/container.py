"""What kind of file something is, by its first bytes: a suffix is only a name."""

import pickletools
import zipfile
from itertools import islice
from pathlib import Path
from typing import IO, Literal

Container = Literal["folder", "npy", "npz", "torch", "pickle", "safetensors", "other"]
_ZIP = b"PK\x03\x04"
_OLD_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # the pickled number before torch 1.6
# protocols 2 to 5; 0 and 1 of arrays and dicts
_PICKLES = (b"\x80", b"cnumpy", b"(dp", b"(d.", b"}q", b"}(", b"}.")
_DICT = ("EMPTY_DICT", "DICT")
_PRELUDE = ("PROTO", "FRAME", "MARK")


def container(path: Path) -> Container:
    """The kind of a file or folder; `other` if there is none, or none that is known here."""
    if path.is_dir():
        return "folder"
    try:
        with open(path, "rb") as file:
            head = file.read(16)
    except OSError:
        return "other"
    if head.startswith(b"\x93NUMPY"):
        return "npy"
    if head.startswith(_ZIP):
        return _kind_of_zip(path)
    if head.startswith(_OLD_TORCH):
        return "torch"
    if head[8:9] == b"{":
        return "safetensors"
    return "pickle" if head.startswith(_PICKLES) else "other"


def _kind_of_zip(path: Path) -> Container:
    names = _names(path)
    torch = any(name.rpartition("/")[2] == "data.pkl" for name in names)
    numpy = any(name.endswith(".npy") for name in names)
    if torch == numpy:
        return "other"
    return "torch" if torch else "npz"


def _names(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError):  # of a later version of zip
        return []


def unpacked_bytes(path: Path) -> int:
    """How much a file takes when all of a zip is unpacked; its own size if it is none."""
    if not zipfile.is_zipfile(path):
        return path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def holds_dict(path: Path) -> bool:
    """Whether a pickle or a file of torch.save holds a dict. Its opcodes are looked at, not run."""
    try:
        if container(path) == "pickle":
            with open(path, "rb") as file:
                return _begins_with_dict(file)
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                name = next(each for each in archive.namelist() if each.endswith("data.pkl"))
                with archive.open(name) as file:
                    return _begins_with_dict(file)
        with open(path, "rb") as old:
            for _ in range(3):  # a magic number, a version, and facts of the machine come first
                for _ in pickletools.genops(old):
                    pass
            return _begins_with_dict(old)
    except (
        *(OSError, ValueError, IndexError, StopIteration, RuntimeError),
        *(MemoryError, OverflowError, zipfile.BadZipFile),
    ):
        return False


def _begins_with_dict(file: IO[bytes]) -> bool:
    for opcode, _, _ in islice(pickletools.genops(file), 8):
        if opcode.name not in _PRELUDE:
            return opcode.name in _DICT
    return False
