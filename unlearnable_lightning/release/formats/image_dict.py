"""A dict of images by their places, as PIL (Liu et al., ICLR 2026) stores what it made."""

import io
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import replacing
from unlearnable_lightning.release.fits import poison
from unlearnable_lightning.release.foreign.arrays_of_notes import as_array, check_bytes
from unlearnable_lightning.release.foreign.build import Found, release_of
from unlearnable_lightning.release.foreign.container import container, holds_dict
from unlearnable_lightning.release.foreign.content import (
    DIFFERENCES,
    IMAGES,
    LABELS,
    ROWS,
    one_of,
)
from unlearnable_lightning.release.foreign.meaning import Holds
from unlearnable_lightning.release.foreign.notes import Note, read_notes
from unlearnable_lightning.release.foreign.size import most_bytes
from unlearnable_lightning.release.foreign.torch_file import read_torch
from unlearnable_lightning.release.formats.base import Format
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource

_MADE_OF = (list, tuple)
_SCALAR = 16  # bytes of the longest number of NumPy


class ImageDict(Format):
    """A pickle or a file of torch.save: {0: image, 1: image, …}, images uint8 H×W×C.

    Also read: pictures of Pillow (RGB or L), tensors, pairs (image, label), places as text, some
    of the images, differences; and a dict of whole arrays, such as images and labels. Nothing that
    the file names is imported or called.

    Args:
        holds: `images` or `differences`; null looks at names and numbers.

    Example:
        `unlearnable convert pil.pkl noise.safetensors --data CIFAR10DataModule --from ImageDict`
    """

    def __init__(self, holds: Holds | None = None) -> None:
        self.holds = holds

    def read(self, path: Path, images: Tensor, labels: Tensor, source: DataSource) -> Release:
        """See `Format.read`."""
        torch_made = container(path) == "torch"
        most = most_bytes(source)
        content = read_torch(path, most) if torch_made else read_notes(path)
        if not isinstance(content, Mapping) or not content:
            raise UnlearnableError(
                f"it holds a {type(content).__name__}; it must be a dict of images by their "
                "places, with one image at least. Give --from NumpyPickle or TorchTensor for one "
                "array."
            )
        named = any(name in content for name in IMAGES + DIFFERENCES)
        arrange = _arrays if named else _by_place
        found = arrange(content, self.holds, most)
        return release_of(found, images, labels, source, self.made_by | {"file": path.name})

    def write(self, path: Path, release: Release, images: Tensor, labels: Tensor) -> None:
        """See `Format.write`: all images, as arrays in a pickle, as tensors in a `.pt`."""
        nhwc = poison(images, labels, release).permute(0, 2, 3, 1).contiguous()
        content = io.BytesIO()
        if path.suffix.lower() in (".pt", ".pth"):
            torch.save(dict(enumerate(nhwc)), content)  # one storage, which all of them view
        else:
            pickle.dump(dict(enumerate(nhwc.numpy())), content, protocol=4)
        with replacing(path) as file:
            file.write(content.getbuffer())

    def recognises(self, path: Path, source: DataSource) -> bool:
        """See `Format.recognises`."""
        return container(path) in ("pickle", "torch") and holds_dict(path)


def _arrays(content: Mapping[Any, Any], holds: Holds | None, most: int) -> Found:
    name = one_of(IMAGES + DIFFERENCES, content, "images or differences")
    labels, rows = one_of(LABELS, content, "labels"), one_of(ROWS, content, "places")
    named: Holds = "images" if name in IMAGES else "differences"
    return Found(
        _stacked(content[name], most),
        rows=None if rows is None else _stacked(content[rows], most),
        labels=None if labels is None else _stacked(content[labels], most),
        holds=holds or named,
    )


def _by_place(content: Mapping[Any, Any], holds: Holds | None, most: int) -> Found:
    rows = np.array([_place(key) for key in content])
    values = list(content.values())
    labels = None
    if all(isinstance(each, _MADE_OF) and len(each) == 2 for each in values):
        labels = _stacked([label for _, label in values], most)
        values = [image for image, _ in values]
    return Found(_stacked(values, most), rows=rows, labels=labels, holds=holds)


def _place(key: Any) -> int:
    shown = repr(key[:40]) if isinstance(key, str) else f"of type {type(key).__name__}"
    if isinstance(key, str) and key.isascii() and key.isdigit():
        key = int(key.lstrip("0")[:20] or 0)
    elif isinstance(key, Note) and key.named.endswith(".scalar"):  # numpy.int64(3)
        key = as_array(key, _SCALAR).item()
    if type(key) is not int or not 0 <= key < 2**63:  # a negative number, or one beyond 64 bits
        raise UnlearnableError(
            f"it has a key {shown}; keys must be the places of the images, from 0. "
            f"A dict of whole arrays names them {', '.join(IMAGES + DIFFERENCES)}."
        )
    return key


def _stacked(values: Any, most: int) -> np.ndarray:
    if not isinstance(values, _MADE_OF):
        return as_array(values, most)
    if values and all(type(each) in (int, float) for each in values):
        return np.array(values)
    if not values:
        raise UnlearnableError("it has an empty list; there must be one entry for each image.")
    arrays, size = [], 0
    for each in values:
        arrays.append(as_array(each, most))
        size += arrays[-1].nbytes  # a file names one array any number of times
        check_bytes(size, most)
    shapes = {(each.shape, each.dtype.str) for each in arrays}
    if len(shapes) != 1:
        raise UnlearnableError(
            f"its images have {len(shapes)} different shapes or types; all must be alike. Store "
            "them in one size."
        )
    return np.stack(arrays)
