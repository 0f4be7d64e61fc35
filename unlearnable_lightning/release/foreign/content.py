"""Arrays by their names in an archive or a dict: which is which."""

from collections.abc import Mapping
from typing import Any

from unlearnable_lightning.errors import UnlearnableError

IMAGES = ("x_train", "images", "image", "data", "x")
DIFFERENCES = ("difference", "differences", "noise", "delta", "perturbation", "perturbations")
UNNAMED = ("arr_0",)  # as numpy.savez calls an array without a name
LABELS = ("y_train", "labels", "label", "targets", "y")
ROWS = ("rows", "index", "indices")


def one_of(names: tuple[str, ...], there: Mapping[Any, Any], what: str) -> str | None:
    """The name that is there; None if none is.

    Raises:
        UnlearnableError: several.
    """
    found = [name for name in names if name in there]
    if len(found) > 1:
        raise UnlearnableError(
            f"it has {' and '.join(found)}; {what} must be one of them. Leave the others out."
        )
    return found[0] if found else None
