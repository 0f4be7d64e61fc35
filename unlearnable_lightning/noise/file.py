"""The noise file: int8 grey levels and a typed header in one safetensors file.

No pickle anywhere, so a file from a stranger is safe to open; a checksum over header and noise
refuses a file that was cut or changed.
"""

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import replacing
from unlearnable_lightning.noise.source import DataSource

FORMAT = 1
KINDS = ("samplewise", "classwise")
_KEY = "unlearnable_lightning"  # one metadata key: safetensors does not keep the order of several
_TYPES: dict[str, type | tuple[type, ...]] = {
    "epsilon": (int, float),
    "source": dict,
    "generator": str,
    "generator_args": dict,
    "seed": int,
    "rounds": int,
    "error": (int, float, type(None)),
    "finished": bool,
    "versions": dict,
    "norm": str,
}


class NoiseFileError(UnlearnableError):
    """The file is missing, damaged, or not a noise file."""


@dataclass(frozen=True)
class Noise:
    """Noise and where it came from.

    Attributes:
        values: int8 grey levels, [N, C, H, W] (samplewise) or [K, C, H, W] (classwise),
            |values| <= floor(255 · epsilon).
        kind: `samplewise` or `classwise`.
        epsilon: bound of the noise, in pixels of [0, 1].
        source: the images it was made for.
        generator: import path of the class that made it.
        generator_args: all its arguments.
        seed: of the run.
        rounds: rounds of Algorithm 1 that were completed.
        error: error of the surrogate on the poisoned images after the last round, in [0, 1];
            None before the first.
        finished: whether the run ended by its own rule rather than by an interruption.
        versions: of the packages that made it.
        norm: of the bound; always `linf` so far.
    """

    values: Tensor
    kind: str
    epsilon: float
    source: DataSource
    generator: str
    generator_args: dict[str, Any]
    seed: int
    rounds: int
    error: float | None
    finished: bool
    versions: dict[str, str]
    norm: str = "linf"

    def rows(self, labels: Tensor, index: Tensor | None = None) -> Tensor:
        """The noise of each image, int8 [B, C, H, W].

        Args:
            labels: int64 [B], the images' labels.
            index: int64 [B], the images' places in the data set; None for all, in order.
        """
        if self.kind == "classwise":
            return self.values[labels]
        return self.values if index is None else self.values[index]

    def save(self, path: str | Path) -> None:
        """Writes the file whole or not at all; see `files.replacing`."""
        header = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        values = header.pop("values").contiguous()
        header |= {"format": FORMAT, "source": dataclasses.asdict(self.source)}
        header["sha256"] = _checksum(header, values)
        text = json.dumps(header, sort_keys=True)
        with replacing(path) as file:
            file.write(save({"noise": values}, metadata={_KEY: text}))

    @classmethod
    def load(cls, path: str | Path) -> "Noise":
        """Reads and checks a noise file.

        Raises:
            NoiseFileError: missing, cut, changed, of another format or not a noise file.
        """
        if not Path(path).is_file():
            raise NoiseFileError(
                f"noise={path}: there is no such file. Make it with `unlearnable fit -c "
                "configs/noise/….yaml`, which prints where it wrote the noise."
            )
        header, values = _read(Path(path))
        try:
            _check(header, values)
            return cls(values=values, **header | {"source": _source(header["source"])})
        except (
            *(KeyError, TypeError, ValueError, AttributeError),
            *(OverflowError, RecursionError),  # infinity, lists in lists in lists
        ) as error:
            raise NoiseFileError(_refusal(path, f"its header does not fit: {error}")) from error


def _read(path: Path) -> tuple[dict[str, Any], Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {})[_KEY])
            return header, file.get_tensor("noise")
    except (SafetensorError, KeyError, ValueError, RecursionError, OSError) as error:
        raise NoiseFileError(_refusal(path, f"it cannot be read ({error})")) from error


def _check(header: dict[str, Any], values: Tensor) -> None:
    version = header.pop("format")
    if version != FORMAT:
        raise ValueError(f"format {version}, this version reads format {FORMAT}")
    if header.pop("sha256") != _checksum(header | {"format": version}, values):
        raise ValueError("the checksum differs, so the file was damaged or changed by hand")
    for key, types in _TYPES.items():
        if not isinstance(header[key], types):
            raise TypeError(f"{key} is a {type(header[key]).__name__}")
    if header["kind"] not in KINDS or values.dtype != torch.int8 or values.ndim != 4:
        raise ValueError(f"{header['kind']} noise of {values.dtype} {tuple(values.shape)}")
    most = max(-int(values.min()), int(values.max())) if values.numel() else 0
    if most > floor_grey_levels(header["epsilon"]):
        raise ValueError(f"noise of up to {most} grey levels at epsilon {header['epsilon']}")


def _source(header: dict[str, Any]) -> DataSource:
    source = DataSource(**header | {key: tuple(header[key]) for key in ("shape", "class_names")})
    texts = (source.name, source.split, source.sha256, *source.class_names)
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("a name or the fingerprint of the data is not text")
    if len(source.shape) != 4 or not all(isinstance(size, int) for size in source.shape):
        raise ValueError(f"shape of the data {source.shape}")
    return source


def _checksum(header: dict[str, Any], values: Tensor) -> str:
    text = json.dumps([header, str(values.dtype), list(values.shape)], sort_keys=True)
    digest = hashlib.sha256(text.encode())
    digest.update(values.contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _refusal(path: str | Path, reason: str) -> str:
    return (
        f"noise={path} is refused: {reason}. A noise file is made by `unlearnable fit -c "
        "configs/noise/….yaml`; copy it again or make it anew."
    )


def floor_grey_levels(epsilon: float) -> int:
    """The largest whole number of grey levels within epsilon (7.65 → 7, exactly 8/255 → 8)."""
    return int(255 * epsilon + 1e-6)


def quantize(delta: Tensor, epsilon: float) -> Tensor:
    """Perturbations in pixels of [0, 1] to int8 grey levels: rounded to nearest, within epsilon,
    and within 127, which is all that int8 holds."""
    most = min(floor_grey_levels(epsilon), 127)
    return delta.float().mul(255).round_().clamp_(-most, most).to(torch.int8)
