"""How many images serve for validation: a share or a number."""

from numbers import Integral, Real

from unlearnable_lightning.errors import UnlearnableError


def check_val_size(val_size: int | float, name: str = "val_size", kind: str = "test") -> None:
    """Refuses what is neither a share nor a number of images.

    Args:
        val_size: what the user gave.
        name: of the argument.
        kind: which images it is a part of, `test` or `training`.

    Raises:
        UnlearnableError: a float outside [0, 1), a negative int, or no number.
    """
    number = isinstance(val_size, Real) and not isinstance(val_size, bool)
    whole = isinstance(val_size, Integral)
    if not number or not (val_size >= 0 if whole else 0 <= val_size < 1):
        raise UnlearnableError(
            f"{name}={val_size!r}: give a share of the {kind} images, at least 0 and below 1, such "
            "as 0.5, or a number of images as a whole number, such as 500; 0 is none."
        )


def count_of(val_size: int | float, of_all: int, name: str = "val_size", kind: str = "test") -> int:
    """How many of `of_all` images are taken. Arguments as in `check_val_size`.

    Raises:
        UnlearnableError: all of them, or a share so small that it is none.
    """
    count = int(val_size) if isinstance(val_size, Integral) else round(val_size * of_all)
    if count >= of_all and count:
        raise UnlearnableError(
            f"{name}={val_size} takes {count} of {of_all} {kind} images; it must leave "
            f"some for the {kind}. Give a smaller number, or a share such as 0.5."
        )
    if val_size and not count:
        raise UnlearnableError(
            f"{name}={val_size} is none of {of_all} {kind} images. Give a larger share, a number "
            "of images, or 0 for none."
        )
    return count
