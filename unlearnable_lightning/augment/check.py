"""The one argument check that most augmentations share."""

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
