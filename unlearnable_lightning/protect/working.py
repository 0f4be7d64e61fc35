"""All pictures at the working size, as a network's loader brings them there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps
from safetensors.torch import load_file, save
from torch import Tensor

from unlearnable_lightning.files import replacing
from unlearnable_lightning.protect.job import read_json, write_json
from unlearnable_lightning.protect.picture import NoPictureError, open_picture
from unlearnable_lightning.protect.threads import side_by_side
from unlearnable_lightning.protect.tree import Skipped

WEBP_LONGEST = 16383
"""Pixels of a side that the format can hold."""


@dataclass(frozen=True)
class Working:
    """The pictures that can be protected.

    Attributes:
        paths: of the files, relative to their folder.
        names: of the classes, sorted.
        labels: int64 [N], which index `names`.
        images: uint8 [N, 3, s, s].
        skipped: files that are left out.
    """

    paths: list[Path]
    names: list[str]
    labels: Tensor
    images: Tensor
    skipped: list[Skipped]

    def save(self, side: Path) -> None:
        """Keeps it, so that a later call need not read the pictures again."""
        with replacing(side / "pictures.safetensors") as file:
            file.write(save({"images": self.images, "labels": self.labels}))
        facts = {
            "paths": [str(path) for path in self.paths],
            "names": self.names,
            "skipped": [[each.path, each.reason] for each in self.skipped],
        }
        write_json(side / "pictures.json", facts)

    @classmethod
    def load(cls, side: Path) -> "Working | None":
        """What `save` kept; None if it did not come to that."""
        if not (side / "pictures.json").exists():
            return None
        facts, tensors = read_json(side / "pictures.json"), load_file(side / "pictures.safetensors")
        paths = [Path(path) for path in facts["paths"]]
        skipped = [Skipped(*each) for each in facts["skipped"]]
        return cls(paths, facts["names"], tensors["labels"], tensors["images"], skipped)


def read_working(
    root: Path, of: dict[Path, str], size: int, longest: int | None, skipped: list[Skipped]
) -> Working:
    """Reads every picture once.

    Args:
        root: the folder.
        of: the class of each file, relative to it.
        size: height and width of what is read, in pixels.
        longest: side that the new format can hold; None for any.
        skipped: what is left out already; what cannot be read joins it.
    """
    files = sorted(of)
    results = list(side_by_side(_reader(root, size, longest), files, "reading"))
    paths = [path for path, each in zip(files, results, strict=True) if not isinstance(each, str)]
    images = [each for each in results if not isinstance(each, str)]
    skipped = skipped + [
        Skipped(str(path), each)
        for path, each in zip(files, results, strict=True)
        if isinstance(each, str)
    ]
    skipped.sort(key=lambda each: each.path)
    names = sorted({of[path] for path in paths})
    labels = torch.tensor([names.index(of[path]) for path in paths], dtype=torch.int64)
    stack = np.stack(images) if images else np.empty((0, size, size, 3), np.uint8)
    pixels = torch.from_numpy(stack).permute(0, 3, 1, 2).contiguous()
    return Working(paths, names, labels, pixels, skipped)


def _reader(root: Path, size: int, longest: int | None) -> Callable[[Path], np.ndarray | str]:
    def read(path: Path) -> np.ndarray | str:
        """The pixels, or the reason why there are none."""
        try:
            return at_size(open_picture(root / path, at_least=4 * size).pixels, size, longest)
        except NoPictureError as error:
            return str(error)

    return read


def at_size(pixels: np.ndarray, size: int, longest: int | None = None) -> np.ndarray:
    """The square in the middle, brought to `size`; uint8 [size, size, 3].

    Args:
        pixels: uint8 [H, W, 3].
        size: of the result, in pixels.
        longest: side that is allowed; None for any.

    Raises:
        NoPictureError: a longer side.
    """
    if longest is not None and max(pixels.shape) > longest:
        raise NoPictureError(f"a side is longer than {longest} pixels; give --format png")
    return np.asarray(ImageOps.fit(Image.fromarray(pixels), (size, size)))
