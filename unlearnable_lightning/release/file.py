"""One safetensors file: tensors and a JSON header under a checksum over both.

No pickle anywhere, and nothing that the header names is imported, so a file from a stranger is safe
to open; a file that was cut or changed is refused.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import replacing
from unlearnable_lightning.pixels import DIFFERENCES

_KEY = "unlearnable_lightning"  # one metadata key: safetensors does not keep the order of several
# by format, what it is made of: its dtypes are known before its bytes are hashed
_TENSORS: dict[int, dict[str, tuple[torch.dtype, ...]]] = {
    1: {"noise": (torch.int8,)},
    2: {"difference": DIFFERENCES, "rows": (torch.int64,)},
    3: {"rows": (torch.int64,)},  # differences in shards, which the header names
}
FORMAT, SHARDED = 2, 3


class NoiseFileError(UnlearnableError):
    """The file is missing, damaged, or not a release."""


def write(
    path: str | Path, header: dict[str, Any], tensors: dict[str, Tensor], version: int = FORMAT
) -> None:
    """Writes the file whole or not at all; see `files.replacing`.

    Args:
        path: of the file.
        header: plain JSON values; the same ones give the same bytes.
        tensors: contiguous, on the CPU.
        version: FORMAT, or SHARDED for a release whose differences lie in shards.
    """
    header = header | {"format": version}
    header |= {"sha256": checksum(header, tensors)}
    with replacing(path) as file:
        file.write(save(tensors, metadata={_KEY: json.dumps(header, sort_keys=True)}))


def read(path: str | Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Header and tensors of a file whose checksum holds.

    Raises:
        NoiseFileError: missing, cut, changed, or not a release.
    """
    if not Path(path).is_file():
        raise NoiseFileError(
            f"noise={path}: there is no such file. Make it with `unlearnable fit -c "
            "configs/noise/….yaml`, which prints where it wrote the noise."
        )
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})[_KEY])
            tensors = _tensors(file, _version(header, path))
    except NoiseFileError:
        raise
    except (SafetensorError, KeyError, ValueError, RecursionError, OSError) as error:
        raise refusal(path, f"it cannot be read ({error})") from error
    try:
        if header.pop("sha256") != checksum(header, tensors):
            raise ValueError("the checksum differs, so the file was damaged or changed by hand")
    except (KeyError, ValueError, RecursionError) as error:
        raise refusal(path, f"its header does not fit: {error}") from error
    return header, tensors


def _version(header: Any, path: str | Path) -> int:
    version = header.get("format") if isinstance(header, dict) else None
    if type(version) is not int or version not in _TENSORS:
        *first, last = map(str, _TENSORS)
        reads = f"{', '.join(first)} and {last}"
        raise refusal(
            path,
            f"its header does not fit: format {version}, this version reads formats {reads}",
        )
    return version


def _tensors(file: Any, version: int) -> dict[str, Tensor]:
    tensors = {}
    for name in file.keys():  # noqa: SIM118  it is no dict
        if name not in _TENSORS[version]:
            raise ValueError(f"it has {name!r}; a release has {' and '.join(_TENSORS[version])}")
        tensors[name] = file.get_tensor(name)
        if tensors[name].dtype not in _TENSORS[version][name]:
            raise ValueError(f"{name} of {tensors[name].dtype}")
    if version != SHARDED and not tensors.keys() & {"noise", "difference"}:
        raise ValueError(f"it has no {next(iter(_TENSORS[version]))}")
    return tensors


def checksum(header: dict[str, Any], tensors: dict[str, Tensor]) -> str:
    """SHA-256 over the header and over names, dtypes, shapes and bytes of the tensors."""
    if header.get("format") == 1:
        return _checksum_of_format_1(header, tensors["noise"])
    shapes = {name: [str(each.dtype), list(each.shape)] for name, each in sorted(tensors.items())}
    digest = hashlib.sha256(json.dumps([header, shapes], sort_keys=True).encode())
    for _, tensor in sorted(tensors.items()):
        digest.update(_bytes(tensor))
    return digest.hexdigest()


def _checksum_of_format_1(header: dict[str, Any], noise: Tensor) -> str:
    text = json.dumps([header, str(noise.dtype), list(noise.shape)], sort_keys=True)
    digest = hashlib.sha256(text.encode())
    digest.update(_bytes(noise))
    return digest.hexdigest()


def _bytes(tensor: Tensor) -> memoryview:
    return tensor.contiguous().flatten().view(torch.uint8).numpy().data


def refusal(path: str | Path, reason: str) -> NoiseFileError:
    """The error of a file that is there and cannot be taken."""
    return NoiseFileError(
        f"noise={path} is refused: {reason}. A noise file is made by `unlearnable fit -c "
        "configs/noise/….yaml`; copy it again or make it anew."
    )
