"""What a YAML names: a class or function of a room of this package, or any import path."""

import importlib
import inspect
from collections.abc import Callable
from typing import Any

from unlearnable_lightning.constructors import named_parameters
from unlearnable_lightning.errors import UnlearnableError

Spec = str | dict[str, Any]


def name_of(spec: Spec) -> str:
    """The name in `name` or in `{class_path: name, init_args: {…}}`.

    Raises:
        UnlearnableError: the entry is neither of the two.
    """
    if isinstance(spec, str):
        return spec
    name = spec.get("class_path") if isinstance(spec, dict) else None
    if isinstance(name, str):
        unknown = set(spec) - {"class_path", "init_args"}
        if not unknown and isinstance(spec.get("init_args") or {}, dict):
            return name
    raise UnlearnableError(
        f"{spec!r} names nothing to build. Give a name such as `Mixup`, or "
        "{class_path: Mixup, init_args: {alpha: 1.0}}."
    )


def find(name: str, room: str, argument: str) -> Callable[..., Any]:
    """The class or function behind a name.

    Args:
        name: exported by `room`, or an import path.
        room: the package that is searched for names without a dot, such as
            `unlearnable_lightning.defences`; its `NAMES` are those that a user may give.
        argument: what the error message calls the argument, such as `defences`.

    Raises:
        UnlearnableError: nothing of that name; the message lists the names of the room.
    """
    here = importlib.import_module(room)
    module, _, attribute = name.rpartition(".")
    try:
        if not module and name not in here.NAMES:
            raise AttributeError(f"{room} has no {name}")
        there = importlib.import_module(module) if module else here
        found: object = getattr(there, attribute)
    except (ImportError, AttributeError, TypeError, ValueError) as error:  # TypeError: ./file.py
        raise UnlearnableError(
            f"{argument}={name!r} is not found ({error}). Give one of {', '.join(here.NAMES)}, "
            "or the import path of your own."
        ) from None
    if not callable(found):
        raise UnlearnableError(f"{argument}={name!r} is not a class or function.")
    return found


def build(spec: Spec, room: str, argument: str, kind: type, **offered: Any) -> Any:
    """The object that a YAML entry describes.

    Args:
        spec: a name, or `{class_path: name, init_args: {…}}`.
        room: as in `find`.
        argument: as in `find`.
        kind: what the object must be an instance of.
        offered: arguments that the class gets if it takes them and the entry does not give them.

    Raises:
        UnlearnableError: nothing of that name, arguments that it does not take, or another kind.
    """
    name = name_of(spec)
    make = find(name, room, argument)
    given = {} if isinstance(spec, str) else dict(spec.get("init_args") or {})
    arguments = accepted(make, offered) | given
    try:
        inspect.signature(make).bind(**arguments)
    except (TypeError, ValueError) as error:  # ValueError: a built-in without a signature
        raise UnlearnableError(
            f"{argument}: {name} cannot be made with {given}: {error}. Change its init_args."
        ) from None
    try:
        made = make(**arguments)
    except UnlearnableError:
        raise
    except (TypeError, ValueError) as error:  # a word for a number
        raise UnlearnableError(
            f"{argument}: {name} refuses {given}: {error}. Change its init_args."
        ) from error
    if not isinstance(made, kind):
        raise UnlearnableError(
            f"{argument}={name!r} makes a {type(made).__name__}; it must make a {kind.__name__}."
        )
    return made


def accepted(make: Callable[..., Any], offered: dict[str, Any]) -> dict[str, Any]:
    """Those of the offered arguments that `make` takes by name, be it that the **kwargs of a class
    pass them on to its base."""
    named = {p.name for _, parameters in named_parameters(make) for p in parameters}
    return {key: value for key, value in offered.items() if key in named}
