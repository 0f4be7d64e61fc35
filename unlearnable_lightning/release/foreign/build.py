"""A release from the array of a foreign file."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import as_indices
from unlearnable_lightning.release.foreign.layout import as_nchw
from unlearnable_lightning.release.foreign.meaning import (
    Holds,
    Meaning,
    decide,
    decide_of_classes,
    meanings,
)
from unlearnable_lightning.release.foreign.scan import chunks, scan
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource


@dataclass(frozen=True)
class Found:
    """What a foreign file holds.

    Attributes:
        values: images or differences, in any layout and unit.
        rows: the images that they belong to, [n]; None for all, in order.
        labels: [n], or one-hot [n, K]; None if the file has none.
        holds: what they are, where the file or the user says so.
        kind: of a release, where the file says so.
        pixels: whether floats up to 1 are pixels in this format, even if all are 0 or 1.
    """

    values: np.ndarray
    rows: np.ndarray | None = None
    labels: np.ndarray | None = None
    holds: Holds | None = None
    kind: str | None = None
    pixels: bool = False


def release_of(
    found: Found, images: Tensor, labels: Tensor, source: DataSource, made_by: dict[str, Any]
) -> Release:
    """The release in what was found, in int8 if it fits, else in int16.

    Args:
        found: in the file.
        images: uint8 [N, C, H, W], clean.
        labels: int64 [N].
        source: of these images.
        made_by: what read it; what was decided is added.

    Returns:
        Classwise for K differences, else samplewise. Where images stay as they are, `rows` names
        those that change.

    Raises:
        UnlearnableError: another count, shape or range, or numbers that may mean two things.
    """
    array = as_nchw(found.values, source.shape)
    rows = None if found.rows is None else _rows(found.rows, source.shape[0])
    kind = found.kind or _kind(len(array), rows, source)
    per_image = kind == "samplewise"
    if per_image and len(array) != (source.shape[0] if rows is None else len(rows)):
        raise _count(len(array), rows, source)
    seen = scan(array)
    clean = images if rows is None or not per_image else images[rows]
    choose = decide if per_image else decide_of_classes
    meaning = choose(meanings(seen, found.holds, found.pixels), array, clean)
    if found.labels is not None and per_image:
        check_labels(found.labels, labels if rows is None else labels[rows])
    difference = _difference(array, clean, meaning)
    if per_image:
        difference, rows = _changed(difference, rows)
    elif rows is not None:
        rows = rows.sort().values
    record = made_by | {"held": f"{meaning}, {seen.dtype}"}
    return Release(_narrow(difference), kind, source, record, rows=rows)


def check_labels(found: np.ndarray, labels: Tensor) -> None:
    """Refuses labels of a file that are not those of the images.

    Args:
        found: [n], or one-hot [n, K].
        labels: int64 [n], of the images that these are.

    Raises:
        UnlearnableError: another count or shape, no one-hot rows, or other labels.
    """
    if found.dtype.kind not in "iuf":
        raise UnlearnableError(
            f"its labels are {found.dtype}; they must be numbers. Store the number of each class, "
            "from 0, or one-hot rows."
        )
    if found.ndim == 2 and found.shape[1] > 1:
        if not (np.isin(found, (0, 1)).all() and (found.sum(1) == 1).all()):
            raise UnlearnableError(
                f"its labels have shape {found.shape} and are not one-hot: a row holds one 1 and "
                "else 0. Store the number of each class."
            )
        found = found.argmax(1)
    found = found.reshape(-1)
    if len(found) != len(labels):
        raise UnlearnableError(
            f"it has {len(found)} labels for {len(labels)} images; there must be as many. Give the "
            "labels that belong to it."
        )
    wrong = int((found != labels.numpy()).sum())
    if wrong:
        raise UnlearnableError(
            f"{wrong} of its {len(found)} labels are not those of the images in their place; all "
            "must be. Use the data that it was made for, in its order, or --from ShuffledImages."
        )


def _kind(count: int, rows: Tensor | None, source: DataSource) -> str:
    images, classes = source.shape[0], len(source.class_names)
    return "classwise" if count == classes != images and rows is None else "samplewise"


def _count(count: int, rows: Tensor | None, source: DataSource) -> UnlearnableError:
    images, classes = source.shape[0], len(source.class_names)
    wanted = (
        f"one for each of {images} images or of {classes} classes"
        if rows is None
        else f"one for each of the {len(rows)} images that it names"
    )
    shuffled = " For shuffled images without their places, give --from ShuffledImages."
    return UnlearnableError(
        f"it holds {count} images or differences; there must be {wanted}. Use the data that it was "
        f"made for (data.train_subset).{shuffled if count < images else ''}"
    )


def _rows(found: np.ndarray, images: int) -> Tensor:
    if found.dtype.kind not in "iu":
        raise UnlearnableError(f"the places of its images are {found.dtype}; they must be whole.")
    rows = as_indices(torch.from_numpy(found.astype(np.int64)), "the places of its images", images)
    if len(rows.unique()) != len(rows):
        raise UnlearnableError(
            f"it names {len(rows) - len(rows.unique())} images twice; each has one noise. Remove "
            "the others."
        )
    return rows


def _difference(array: np.ndarray, clean: Tensor, meaning: Meaning) -> Tensor:
    """int16 [n, C, H, W]."""
    difference = torch.empty(array.shape, dtype=torch.int16)
    start = 0
    for part in chunks(array):
        place = slice(start, start + len(part))
        levels = torch.from_numpy(np.ascontiguousarray(meaning.levels(part)))
        if meaning.holds == "images":
            levels.clamp_(0, 255).sub_(clean[place])
        difference[place] = levels
        start += len(part)
    return difference


def _changed(difference: Tensor, rows: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Those of the differences that are any, by ascending places; None for all images."""
    touched = difference.flatten(1).any(1)
    if rows is None:
        if touched.all() or not touched.any():
            return difference, None
        rows = torch.arange(len(difference))
    kept = touched if touched.any() else torch.ones_like(touched)
    rows, order = rows[kept].sort()
    return difference[kept][order], rows


def _narrow(difference: Tensor) -> Tensor:
    low, high = (int(end) for end in difference.aminmax())
    return difference.to(torch.int8) if low >= -128 and high <= 127 else difference
