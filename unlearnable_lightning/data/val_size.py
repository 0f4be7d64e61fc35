"""How many test images serve for validation: a share or a number."""

from numbers import Integral, Real

from unlearnable_lightning.errors import UnlearnableError


def check_val_size(val_size: int | float) -> None:
    """Refuses what is neither a share nor a number of images.

    Raises:
        UnlearnableError: a float outside [0, 1), a negative int, or no number.
    """
    number = isinstance(val_size, Real) and not isinstance(val_size, bool)
    whole = isinstance(val_size, Integral)
    if not number or not (val_size >= 0 if whole else 0 <= val_size < 1):
        raise UnlearnableError(
            f"val_size={val_size!r}: give a share of the test images, at least 0 and below 1, such "
            "as 0.5, or a number of images as a whole number, such as 500; 0 is no validation."
        )


def count_of(val_size: int | float, of_all: int) -> int:
    """How many of `of_all` test images serve for validation.

    Raises:
        UnlearnableError: all of them, or a share so small that it is none.
    """
    count = int(val_size) if isinstance(val_size, Integral) else round(val_size * of_all)
    if count >= of_all and count:
        raise UnlearnableError(
            f"val_size={val_size} takes {count} of {of_all} test images; it must leave "
            "some for the test. Give a smaller number, or a share such as 0.5."
        )
    if val_size and not count:
        raise UnlearnableError(
            f"val_size={val_size} is none of {of_all} test images. Give a larger share, a number "
            "of images, or 0 for no validation."
        )
    return count
