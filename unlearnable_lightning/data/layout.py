"""What the arrays of a data set must look like, and what to do where they do not."""

import numpy as np
from torch import Tensor

from unlearnable_lightning.data.dataset import UINT8
from unlearnable_lightning.errors import UnlearnableError


def image_layout(where: str, shape: tuple[int, ...], dtype: np.dtype) -> tuple[int, int, int, int]:
    """(N, H, W, C) of an array of images, N×H×W×C or N×H×W.

    Where a shape can be read in two ways, as N×3×3×3 can, the last axis holds the channels.

    Raises:
        UnlearnableError: not uint8, or of another shape.
    """
    if dtype != np.uint8:
        raise UnlearnableError(f"{where} is {dtype} of shape {shape}; {UINT8}")
    if len(shape) not in (3, 4):
        raise UnlearnableError(
            f"{where} is {dtype} of shape {shape}; it must be N×H×W×C or N×H×W. Bring it into that "
            "shape, flat grey images by x.reshape(-1, height, width)."
        )
    n, h, w, c = shape if len(shape) == 4 else (*shape, 1)
    if len(shape) == 4 and h in (1, 3) and w == c != h:
        raise UnlearnableError(
            f"{where} has shape {shape}, which looks like N×C×H×W; it must be N×H×W×C, with one or "
            "three channels in the last axis. Turn it with x.transpose(0, 2, 3, 1)."
        )
    if c not in (1, 3):
        drop = {2: " Drop the opacity with x[..., :1].", 4: " Drop the opacity with x[..., :3]."}
        raise UnlearnableError(
            f"{where} has shape {shape}; it must be N×H×W×C with one or three channels, so not {c} "
            f"in the last axis.{drop.get(c, '')}"
        )
    return n, h, w, c


def label_layout(where: str, shape: tuple[int, ...], dtype: np.dtype) -> None:
    """Refuses an array that is not one integer label per image.

    Raises:
        UnlearnableError: says how to make it one.
    """
    if len(shape) == 1 and np.issubdtype(dtype, np.integer):
        return
    if len(shape) == 2 and shape[1] == 1:
        fix = "Flatten it with y.ravel()"
    elif len(shape) == 2:
        fix = "If its rows are one-hot, take y.argmax(axis=1)"
    elif dtype.kind in "US":
        fix = "Number the names with numpy.unique(y, return_inverse=True)[1]"
    else:
        fix = "Convert whole numbers with y.astype('int64')"
    raise UnlearnableError(
        f"{where} is {dtype} of shape {shape}; it must be one integer label per image. {fix}."
    )


def count_classes(where: str, labels: Tensor) -> int:
    """K, where every label from 0 to K - 1 occurs.

    Args:
        where: what the error message calls the labels.
        labels: int64 [N].

    Raises:
        UnlearnableError: none at all, a negative one, or a gap between them.
    """
    if not len(labels):
        raise UnlearnableError(f"{where} is empty; there must be at least one image.")
    low, high = int(labels.min()), int(labels.max())
    if low < 0:
        raise UnlearnableError(
            f"{where}: labels run from {low} to {high}; they must count from 0. Renumber them."
        )
    classes = labels.unique().tolist()
    gap = next((place for place, label in enumerate(classes) if place != label), None)
    if gap is not None:
        others = high + 1 - len(classes) - 1
        raise UnlearnableError(
            f"{where}: labels run from {low} to {high}, but no image has the label {gap}"
            f"{f' (nor {others} others)' if others else ''}. They must count from 0 without a gap: "
            "renumber those of training and test alike (labels from 1: y - 1), or give "
            f"num_classes={high + 1} if classes are meant to be empty."
        )
    return high + 1
