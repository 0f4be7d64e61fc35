"""Who made a release, and how: an open record that any JSON reader can read."""

import math
from typing import Any

from unlearnable_lightning.errors import UnlearnableError

_DEPTH = 32  # lists in lists; far below what a reader follows
_KNOWN: dict[str, tuple[type, ...]] = {
    "class_path": (str,),
    "arguments": (dict,),
    "seed": (int, type(None)),
    "rounds": (int, type(None)),
    "error": (int, float, type(None)),
    "finished": (bool,),
}


def checked(record: Any, name: str = "made_by") -> dict[str, Any]:
    """A copy of a record, of plain values alone.

    Everything may be in it; what has a meaning (see `Release.made_by`) must have its type.

    Raises:
        UnlearnableError: a value that JSON has no word for, or a known entry of another type.
    """
    if not isinstance(record, dict):
        raise UnlearnableError(f"{name} is a {type(record).__name__}; it must be a dict.")
    plain: dict[str, Any] = as_json(record, name)
    for key, types in _KNOWN.items():
        value = plain.get(key, types[0]())
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise UnlearnableError(
                f"{name}: {key} is {value!r}; it must be {' or '.join(t.__name__ for t in types)}."
            )
    error, rounds = plain.get("error"), plain.get("rounds")
    if error is not None and not 0 <= error <= 1:
        raise UnlearnableError(f"{name}: error is {error}; it is a share and must lie in [0, 1].")
    if rounds is not None and rounds < 0:
        raise UnlearnableError(f"{name}: rounds is {rounds}; it counts, from 0.")
    return plain


def as_json(value: Any, name: str, depth: int = 0) -> Any:
    """A copy of texts, finite numbers, booleans, None, lists (and tuples, as lists) and dicts.

    Raises:
        UnlearnableError: anything else; says where in `name` it is.
    """
    if depth > _DEPTH:
        raise UnlearnableError(f"{name}: nested deeper than {_DEPTH} lists or dicts. Flatten it.")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (int, float)):
        return _number(value, name)
    if isinstance(value, (list, tuple)):
        return [as_json(each, f"{name}[{i}]", depth + 1) for i, each in enumerate(value)]
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise UnlearnableError(f"{name}: the key {key!r} is no text. Write str(key).")
        return {str(key): as_json(value[key], f"{name}.{key}", depth + 1) for key in value}
    raise UnlearnableError(
        f"{name} is a {type(value).__name__}; a record holds texts, finite numbers, true, false, "
        "null, lists and dicts of them. Write its name or its numbers instead."
    )


def _number(value: float, name: str) -> float:
    if isinstance(value, int) and abs(value) < 2**64:
        return int(value)
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    raise UnlearnableError(
        f"{name} is infinite, not a number, or beyond 64 bits; other readers could not take it. "
        "Leave it out, or write null."
    )
