"""What a model is made of, besides the values of its parameters and buffers."""

import copy
from collections.abc import Iterator
from typing import Any

from torch import Tensor, nn

_OF_EVERY_MODULE = frozenset(vars(nn.Module()))
_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


class NoCopyError(Exception):
    """A copy of this model could give other logits than the model."""


def outline(model: nn.Module) -> list[Any]:
    """Two outlines of a model are equal if only values of parameters and buffers have changed.

    A copy whose values are brought up to date is then still a copy.

    Raises:
        NoCopyError: the model has what no list of values shows: hooks, a `forward` of one instance,
            or tensors that are neither parameters nor buffers (the weights that old-style weight
            norm computes, an activation that is kept).
    """
    parts: list[Any] = []
    for name, module in model.named_modules(remove_duplicate=False):
        if "forward" in vars(module) or any(getattr(module, hooks) for hooks in _HOOKS):
            raise NoCopyError(f"{name or 'the model'} has hooks or a forward of its own")
        parts += (name, id(module), type(module))
        parts += ((key, _plain(value)) for key, value in _attributes(module))
        for key, weight in module._parameters.items():
            parts += (key, id(weight), *_form(weight))  # by id: two may come to share one
        for key, buffer in module._buffers.items():
            parts += (key, *_form(buffer))
    return parts


def duplicate(model: nn.Module) -> nn.Module:
    """A deep copy of a model, also of one that keeps tensors with a graph behind them."""
    kept = [
        tensor
        for module in model.modules()
        for _, value in _attributes(module)
        for tensor in _tensors(value)
    ]
    memo: dict[int, Any] = {id(each): each.detach().clone() for each in kept if not each.is_leaf}
    return copy.deepcopy(model, memo)


def _attributes(module: nn.Module) -> list[tuple[str, Any]]:
    return [(key, value) for key, value in vars(module).items() if key not in _OF_EVERY_MODULE]


def _form(tensor: Tensor | None) -> tuple[Any, ...]:
    return () if tensor is None else (tensor.shape, tensor.dtype, tensor.device)


def _plain(value: Any) -> Any:
    """Numbers and strings by value, containers by what is in them, the rest by identity."""
    if isinstance(value, Tensor):
        raise NoCopyError("a tensor is neither parameter nor buffer")
    if value is None or isinstance(value, int | float | complex | str | bytes):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return [(_plain(key), _plain(each)) for key, each in value.items()]
    return id(value)


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _tensors(each)
    elif isinstance(value, dict):
        yield from _tensors(list(value.values()))
