"""The class that noise drives an image towards, a fixed way around from its own."""

from torch import Tensor

from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.errors import UnlearnableError


def target(labels: Tensor, shift: int | None, classes: int) -> Tensor:
    """The class that each image is to look like, int64 [B]; the true one, to be left, without a
    shift.

    Args:
        labels: int64 [B], 0 to `classes` - 1.
        shift: to the next class but `shift` - 1, around a circle.
        classes: of the data.
    """
    return labels if shift is None else (labels + shift) % classes


def check_shift(shift: int | None, classes: int) -> None:
    """Refuses a shift to no class of the data, or once around to the true one.

    Raises:
        UnlearnableError: it is not from 0 to `classes` - 1.
    """
    if shift is not None and whole_number("shift", shift, 0, "0 is the true class") >= classes:
        raise UnlearnableError(
            f"shift={shift} with {classes} classes: the target is the class (y + shift) mod "
            f"{classes}. Give --model.shift, 1 to {classes - 1}; 0 is the true class."
        )
