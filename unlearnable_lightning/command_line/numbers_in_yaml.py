"""`degrees: 15` for an argument that is typed `numbers.Number`, as torchvision types them."""

import numbers

from jsonargparse.typing import register_type


def _number(value: object) -> int | float:
    """Raises ValueError for what is no number, `true` among it."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"{value!r} is not a number")
    if isinstance(value, str):
        return int(value) if value.lstrip("+-").isdigit() else float(value)
    return value


def accept_numbers() -> None:
    """Without this jsonargparse 4.53 wants the import path of a class of numbers: it refuses 15 on
    the command line, and writes a `config.yaml` that it does not read again."""
    register_type(
        numbers.Number,
        serializer=_number,
        deserializer=_number,
        fail_already_registered=False,
    )
