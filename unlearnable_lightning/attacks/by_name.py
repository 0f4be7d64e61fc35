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
_ROUNDING = 1e-3  # images + delta in half precision


class Attack:
    """An attack with its settings. What it gives for its first batch is looked at.

    Args:
        name: for the error message.
        function: `(model, images, labels) -> perturbations`.
    """

    def __init__(self, name: str, function: Callable[[nn.Module, Tensor, Tensor], Tensor]) -> None:
        self.name, self.function = name, function
        self.seen = False

    def __call__(self, model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        """Perturbations [B, C, H, W] of images of that shape.

        Raises:
            UnlearnableError: the first ones have another shape, or lead out of [0, 1].
        """
        delta = self.function(model, images, labels)
        if not self.seen:  # once: for the values the host waits for a GPU
            self._check(images, delta)
            self.seen = True
        return delta

    def _check(self, images: Tensor, delta: Any) -> None:
        is_ = f"a {type(delta).__name__}"
        if isinstance(delta, Tensor):
            is_ = f"a tensor of shape {tuple(delta.shape)}"
            if delta.shape == images.shape:
                low, high = (value.item() for value in (images + delta).aminmax())
                if low >= -_ROUNDING and high <= 1 + _ROUNDING:
                    return
                is_ = f"what leads to pixels from {low:g} to {high:g}"
        raise UnlearnableError(
            f"the attack {self.name} gives {is_}; it must give perturbations of the images' shape "
            f"{tuple(images.shape)}, which lead to pixels in [0, 1]. If it gives adversarial "
            "images, subtract the images from them."
        )


def build_attack(spec: by_name.Spec, argument: str, **offered: Any) -> Attack:
    """A call `(model, images, labels) -> perturbations`. Its inputs count as checked.

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
    offered |= {"checked": True}
    if inspect.isclass(make):
        kind: Any = Callable  # to a type checker no class, but isinstance takes it
        made = by_name.build(spec, ROOM, argument, kind, **offered)
        return Attack(name, made)
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
    return Attack(name, partial(make, **settings))


def short_name(spec: by_name.Spec) -> str:
    """What tables call it: the last part of its name."""
    return by_name.name_of(spec).rpartition(".")[2]


def long_name(spec: by_name.Spec) -> str:
    """The same with its settings, if it has some: `pgd step_size=0.01 steps=40`."""
    given = {} if isinstance(spec, str) else spec.get("init_args") or {}
    return " ".join([short_name(spec), *(f"{key}={value}" for key, value in given.items())])
