"""Types as a user calls them."""

import inspect
import re
import typing
from typing import Any

_PLAIN = ("builtins", "collections.abc", "datetime", "pathlib", "typing")
_ONE = re.compile(
    r"<class '([\w.]+)'>"
    r"|Literal\[([^\]]*)\]"
    r"|([\w.]+(?:\[[^\[\]]*(?:\[[^\]]*\])?\])?)"  # such as list[dict[str, int]]
)


def classes_in(hint: Any) -> list[type]:
    """The classes that a value of this type hint may name: those that are no plain values."""
    if inspect.isclass(hint) and not typing.get_args(hint):
        return [] if hint.__module__ in _PLAIN else [hint]
    return [each for argument in typing.get_args(hint) for each in classes_in(argument)]


def plain(types: str) -> str:
    """What Python prints of types, in the words of a YAML: `int or null`."""
    words: dict[str, None] = {}
    for name, literals, generic in _ONE.findall(types.replace("typing.", "")):
        short = re.sub(r"[\w.]+\.(\w+)", r"\1", name or generic)
        each = [literal.strip("'") for literal in literals.split(", ") if literal] or [short]
        words |= dict.fromkeys("null" if word == "NoneType" else word for word in each)
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last
