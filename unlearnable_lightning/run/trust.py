"""Which arguments a checkpoint may bring along: plain data that cannot choose what is called."""

from collections.abc import Collection, Mapping
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from unlearnable_lightning.constructors import named_parameters
from unlearnable_lightning.run.own_names import names_own, own_names
from unlearnable_lightning.run.past_run import PastRun

_GIVE = "Give {name} yourself (--model.{name} …, or {name}=… in Python) if you know what it names."


def arguments_to_take(past: PastRun, module: type, given: Collection[str]) -> dict[str, Any]:
    """The arguments of a past run that the user did not give.

    A checkpoint may come from a stranger. A name in it that would be imported counts only if the
    user gave it too; those of this package are the exception, by argument: the models for `model`,
    the attacks for `attack` (`module.named`). Nothing but these rooms is imported here.

    Args:
        past: the run behind the checkpoint.
        module: the class that is to take them; the user chose it.
        given: names of the arguments that the user gave.

    Raises:
        UnlearnableError: an argument that `module` does not have, a name from elsewhere, or text
            where its constructor may take a class or function.
    """
    types = _constructor_types(module)
    rooms: Mapping[str, str | None] = module.named  # type: ignore[attr-defined]  # of ImageModule
    brought = {name: value for name, value in past.arguments.items() if name not in given}
    for name, value in brought.items():
        if name not in types:
            raise past.refusal(
                f"it has the argument {name}={value!r}, which {module.__name__} does not take. It "
                "was made by another version; install that one."
            )
        if name in rooms:
            _check_own(past, name, value, rooms[name])
        elif not _harmless(value, types[name]):
            raise past.refusal(
                f"its {name}={value!r} may name code, and a checkpoint does not choose what is "
                "called. " + _GIVE.format(name=name)
            )
    return brought


def _check_own(past: PastRun, name: str, value: Any, room: str | None) -> None:
    if room is None and value is not None:
        raise past.refusal(
            f"its {name}={value!r} names a file, and a checkpoint does not choose what is read. "
            + _GIVE.format(name=name)
        )
    if room is not None and not names_own(value, room):
        *others, last = own_names(room)
        listed = f"{', '.join(others)} or {last}" if others else last
        raise past.refusal(
            f"it names {name}={value!r}; of itself a checkpoint may only name {listed}, with "
            f"numbers as init_args. " + _GIVE.format(name=name)
        )


def _harmless(value: Any, kind: Any) -> bool:
    """Whether neither jsonargparse nor a constructor can take `value` for the name of code: it is
    made of numbers, or of text where the type says that text is meant. The values of a dict have no
    type of their own."""
    if isinstance(value, dict):
        return all(_harmless(each, Any) for each in value.values())
    if isinstance(value, list | tuple):
        return all(_harmless(each, kind) for each in value)
    if isinstance(value, str):
        return _is_plain(kind)
    return isinstance(value, int | float | NoneType)


def _is_plain(kind: Any) -> bool:
    """Whether a type admits numbers, text and lists of them alone: no class, callable or Any."""
    if kind in (int, float, str, bool, NoneType) or get_origin(kind) is Literal:
        return True
    containers = (Union, UnionType, list, tuple)
    parts = [part for part in get_args(kind) if part is not Ellipsis]
    return get_origin(kind) in containers and all(_is_plain(part) for part in parts)


def _constructor_types(module: type) -> dict[str, Any]:
    """Types of the constructor's arguments, those included that **kwargs passes on to its base."""
    types: dict[str, Any] = {}
    for init, parameters in named_parameters(module):
        try:
            hints = get_type_hints(init)
        except NameError:  # a type that is only imported for a type checker
            hints = {}
        types = {p.name: hints.get(p.name, Any) for p in parameters} | types
    return types
