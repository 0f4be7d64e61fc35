"""The arguments of a class or function, those included that **kwargs pass on."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any


def named_parameters(
    make: Callable[..., Any],
) -> Iterator[tuple[Callable[..., Any], list[inspect.Parameter]]]:
    """Who takes arguments when `make` is called, each with those that it takes by name.

    Of a class these are its constructor and, for as long as **kwargs pass the others on, those of
    its bases; of what is no class, itself. Without `self`. It ends at a built-in that has no
    signature.
    """
    for each in _constructors(make):
        try:
            parameters = [*inspect.signature(each).parameters.values()]
        except ValueError:
            return
        own = parameters[1:] if isinstance(make, type) else parameters
        yield each, [p for p in own if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        if not any(p.kind is p.VAR_KEYWORD for p in own):
            return


def _constructors(make: Callable[..., Any]) -> list[Callable[..., Any]]:
    if not isinstance(make, type):
        return [make]
    return [vars(each)["__init__"] for each in make.__mro__ if "__init__" in vars(each)]
