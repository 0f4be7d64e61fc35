"""An attack from its name: what `test_attacks` and adversarial training are given."""

import inspect
from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor, nn

from unlearnable_lightning import by_name
from unlearnable_lightning.attacks.checks import check_settings
from unlearnable_lightning.errors import UnlearnableError

ROOM = "unlearnable_lightning.attacks"
Attack = Callable[[nn.Module, Tensor, Tensor], Tensor]


def build_attack(spec: by_name.Spec, argument: str, **offered: Any) -> Attack:
    """A call `(model, images, labels) -> perturbations`.

    Args:
        spec: the name of a function `(model, images, labels, **settings)` or of a class whose
            objects are called with `(model, images, labels)`: `pgd`, an import path, or
            `{class_path: …, init_args: {…}}`. Labels are int64 [B] or shares float [B, K].
        argument: what the error message calls the argument.
        offered: settings such as `epsilon` and `steps`; each goes to the attacks that take it.

    Raises:
        UnlearnableError: no such attack, or settings that it does not take.
    """
    name = by_name.name_of(spec)
    make = by_name.find(name, ROOM, argument)
    if inspect.isclass(make):
        return by_name.build(spec, ROOM, argument, Callable, **offered)  # type: ignore[arg-type]
    given = {} if isinstance(spec, str) else dict(spec.get("init_args") or {})
    settings = by_name.accepted(make, offered) | given
    try:
        inspect.signature(make).bind(None, None, None, **settings)
    except (TypeError, ValueError) as error:
        raise UnlearnableError(
            f"{argument}: {name} cannot be called with {settings}: {error}. Change its init_args."
        ) from None
    if str(make.__module__).startswith(
        f"{ROOM}."
    ):  # what is wrong is said now, not in the first batch
        amounts = inspect.signature(check_settings).parameters
        check_settings(**{name: settings[name] for name in amounts if name in settings})
    return partial(make, **settings)


def short_name(spec: by_name.Spec) -> str:
    """What tables call it: the last part of its name."""
    return by_name.name_of(spec).rpartition(".")[2]
