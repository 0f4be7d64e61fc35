"""A contestant, and what shows that it does what it says."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook
from torch.utils._python_dispatch import TorchDispatchMode

_STEP = torch.ops.aten.convolution_backward.default
COPY = "FoldedCopy"


class BenchmarkError(RuntimeError):
    """A number that would not be what its row says."""


@dataclass(frozen=True)
class Contestant:
    """What one row of a table measures.

    Args:
        call: what is timed.
        dtype: in which the gradients of its convolutions are computed.
        through: the class of the model that it steps through, by name: `FoldedCopy`, or that of
            the network itself.
    """

    call: Callable[[], Any]
    dtype: torch.dtype
    through: str

    def check(self, name: str) -> None:
        """Runs it once, watched.

        Raises:
            BenchmarkError: it runs in another dtype or through another model than it says.
        """
        called: set[str] = set()

        def note(module: nn.Module, *_: object) -> None:
            if torch.is_grad_enabled():  # a forward pass alone may compare a copy with its model
                called.add(type(module).__name__)

        handle = register_module_forward_hook(note)
        try:
            with GradientDtypes() as watch:
                self.call()
        finally:
            handle.remove()
        if called & {COPY, self.through} != {self.through}:
            raise BenchmarkError(
                f"{name!r} says that it steps through a {self.through}; it steps through "
                f"{', '.join(sorted(called)) or 'none'}."
            )
        if watch.seen != {self.dtype}:
            seen = ", ".join(sorted(map(str, watch.seen))) or "none"
            raise BenchmarkError(
                f"{name!r} says that it runs in {self.dtype}; the gradients of its convolutions "
                f"are {seen}."
            )


class GradientDtypes(TorchDispatchMode):
    """Notes the dtypes in which convolutions are differentiated: asked of the arithmetic, not of a
    label."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[torch.dtype] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is _STEP:
            self.seen.add(args[0].dtype)
        return func(*args, **(kwargs or {}))
