"""Types as a user calls them."""

import inspect
import re
import typing
from typing import Any

_LITERAL = re.compile(r"Literal\[(.*?)\]")


def classes_in(hint: Any) -> list[type]:
    """The classes that a value of this type hint may name: those that are no plain values."""
    if inspect.isclass(hint) and not typing.get_args(hint):
        return [hint] if hint.__module__ not in ("builtins", "pathlib", "datetime") else []
    return [each for argument in typing.get_args(hint) for each in classes_in(argument)]


def plain(types: str) -> str:
    """What Python prints of types, in the words of a YAML: `int or null`.

    >>> plain("<class 'int'>, <class 'NoneType'>")
    'int or null'
    """
    literal = _LITERAL.search(types)
    words = re.findall(r"'([^']*)'", literal[1]) if literal else []
    rest = _LITERAL.sub("", types).replace("typing.", "")
    named = re.findall(r"<class '([\w.]+)'>", rest) or re.findall(r"[\w.]+(?:\[.*?\]+)?", rest)
    words += [name if "[" in name else name.rpartition(".")[2] for name in named]
    words = ["null" if word == "NoneType" else word for word in words if word != "Optional"]
    *first, last = dict.fromkeys(words) or ["something else"]
    return f"{', '.join(first)} or {last}" if first else last
