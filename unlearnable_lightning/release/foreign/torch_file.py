"""Files of torch.save, opened weights-only: tensors, and notes of NumPy arrays."""

import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch
from torch.serialization import safe_globals

from unlearnable_lightning.release.file import NoiseFileError
from unlearnable_lightning.release.foreign.container import unpacked_bytes
from unlearnable_lightning.release.foreign.notes import fresh_names
from unlearnable_lightning.release.foreign.opcodes import check_opcodes
from unlearnable_lightning.release.foreign.reason import reason

# before torch 1.6: a magic number, a version, facts of the machine, the object, its storages
_PICKLES_OF_OLD = 5


def read_torch(path: Path, most_bytes: int) -> Any:
    """What torch.save stored; nothing that the file names runs, as in `notes`.

    Args:
        path: of the file.
        most_bytes: what it may take when it is unpacked.

    Raises:
        NoiseFileError: missing, damaged, too large, or more than tensors and arrays.
    """
    try:
        size = unpacked_bytes(path)
        if size > most_bytes:
            raise ValueError(f"it unpacks to {size} bytes; noise of this data takes {most_bytes}")
        _check_pickles(path)
        notes: list[Any] = [(note, name) for name, note in fresh_names().items()]
        with safe_globals(notes), warnings.catch_warnings():
            # torch reads 2 and 3, warns of all but 2, and takes an object of 4 and 5 for another
            warnings.filterwarnings("ignore", "Detected pickle protocol 3")
            warnings.filterwarnings("error", "Detected pickle protocol [45]")
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        line = str(error).strip().splitlines()
        wanted = next((each for each in line if "GLOBAL" in each), "it is damaged")
        raise _refusal(path, ValueError(wanted)) from error
    except (OSError, zipfile.BadZipFile) as error:
        raise _refusal(path, error) from error
    except UserWarning as error:
        said = ValueError("torch.save got pickle_protocol=4 or 5; leave it out")
        raise _refusal(path, said) from error
    except Exception as error:  # torch stumbles over damaged bytes in a dozen ways
        raise _refusal(path, error) from error


def _check_pickles(path: Path) -> None:
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.rpartition("/")[2] == "data.pkl":
                    with archive.open(name) as member:
                        check_opcodes(member)
        return
    with open(path, "rb") as file:
        for _ in range(_PICKLES_OF_OLD):
            check_opcodes(file)


def _refusal(path: Path, error: Exception) -> NoiseFileError:
    return NoiseFileError(
        f"noise={path} is refused ({reason(error)}). It must be a file of torch.save(tensor, "
        "path), which is opened weights-only; store the tensor itself, no object that holds it."
    )
