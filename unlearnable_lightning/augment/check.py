"""The checks that most augmentations share."""

from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError


def check_probability(name: str, value: float) -> float:
    """Return `value` if it lies in [0, 1].

    Raises:
        UnlearnableError: it does not.
    """
    if not 0 <= value <= 1:
        raise UnlearnableError(
            f"{name} is {value}, but a probability lies between 0 and 1. Give one, such as 0.5."
        )
    return value


def check_float(name: str, images: Tensor) -> None:
    """Refuses images of whole numbers, whose 255 would be clipped to 1.

    Raises:
        UnlearnableError: they are not float.
    """
    if not images.is_floating_point():
        raise UnlearnableError(
            f"{name} got images of {images.dtype}, but takes floats in [0, 1]. Give "
            "images.float() / 255."
        )
