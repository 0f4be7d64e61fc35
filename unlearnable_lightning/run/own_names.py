"""Names of this package's own models, attacks, defences and views, in the arguments of a module."""

import re
from importlib import import_module
from types import NoneType
from typing import Any

_NUMBER = re.compile(r"[\d.+\-eE/ ]+")  # 8/255 is text in YAML


def own_names(room: str) -> tuple[str, ...]:
    """The names that `room`, a package of this library, has for arguments: its `NAMES`."""
    names: tuple[str, ...] = import_module(room).NAMES
    return names


def own_name(name: Any, room: str) -> str | None:
    """The short name of what `room` has, also if it is written as an import path; else None."""
    short = name.removeprefix(f"{room}.") if isinstance(name, str) else None
    return short if short in own_names(room) else None


def names_own(value: Any, room: str) -> bool:
    """Whether an argument names nothing but what `room` has: null, a name, {class_path, init_args}
    with numbers as init_args, or a list of them."""
    if isinstance(value, list | tuple):
        return all(names_own(each, room) for each in value)
    if isinstance(value, dict):
        init_args = value.get("init_args") or {}
        return (
            set(value) <= {"class_path", "init_args"}
            and own_name(value.get("class_path"), room) is not None
            and isinstance(init_args, dict)
            and all(_is_number(each) for each in init_args.values())
        )
    return value is None or own_name(value, room) is not None


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return _NUMBER.fullmatch(value) is not None
    return isinstance(value, int | float | NoneType)
