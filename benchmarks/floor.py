"""The least time that a network's arithmetic, and its traffic, could take on this machine."""

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.contestant import BenchmarkError
from benchmarks.side_by_side import seconds_of

aten = torch.ops.aten
DTYPES = (torch.float32, torch.bfloat16)
_LAYERS = (aten.convolution.default, aten.addmm.default, aten.mm.default)


class Layers(TorchDispatchMode):
    """Keeps the arguments of each convolution and matrix product, once per shape, and counts the
    values that all of them read and write."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[Any, tuple[Any, tuple[Any, ...]]] = {}
        self.values = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        if func in _LAYERS:
            shape = [tuple(each.shape) if isinstance(each, Tensor) else each for each in args]
            self.calls.setdefault(repr((func, shape)), (func, args))
            self.values += args[_place(func)].numel() + out.numel()
        return out


def best_rate(model: nn.Module, images: Tensor, tries: int = 5) -> float:
    """FLOPs per second: the highest of the network's own layers, forward and as a gradient of
    their input, and of a large matrix product, in float32 and in bfloat16.

    Args:
        model: in the layout and the folding that is measured.
        images: a batch of the size that is measured.
        tries: each counts by its best one.
    """
    with torch.no_grad(), Layers() as layers:
        model(images)
    best = 0.0
    for dtype in DTYPES:
        for call in _works(list(layers.calls.values()), images.device, dtype):
            with FlopCounterMode(display=False) as counter:
                call()
            fastest = min(seconds_of(call) for _ in range(tries))
            best = max(best, counter.get_total_flops() / fastest)
    return best


def bytes_per_image(model: nn.Module, images: Tensor, size: int = 2) -> float:
    """Bytes that a forward pass and the gradient of the input move at least: each convolution and
    matrix product reads its input and writes its output, and the same once more for the gradients.
    All else is taken as free, as if it were fused, and so are the weights.

    Args:
        model: in the folding that is measured.
        images: a batch.
        size: bytes of a value; 2 is bfloat16.
    """
    with torch.no_grad(), Layers() as layers:
        model(images)
    return 2 * size * layers.values / len(images)


def memory_rate(device: str, size: int = 2**30, tries: int = 5) -> float:
    """Bytes per second, read and written, of the fastest of several copies.

    Args:
        device: whose memory it is.
        size: bytes of a copy; more than the caches hold.
        tries: how many copies.
    """
    source = torch.zeros(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * size / min(seconds_of(lambda: target.copy_(source)) for _ in range(tries))


def _place(func: Any) -> int:
    """Of a layer's input among its arguments."""
    return 1 if func is aten.addmm.default else 0


def _works(
    calls: list[tuple[Any, tuple[Any, ...]]], device: torch.device, dtype: torch.dtype
) -> Iterator[Callable[[], object]]:
    side = torch.rand(512, 512, device=device, dtype=dtype)
    yield lambda: side @ side
    for func, args in calls:
        given = [
            each.detach().to(dtype)
            if isinstance(each, Tensor) and each.is_floating_point()
            else each
            for each in args
        ]
        yield lambda func=func, given=given: func(*given)
        place = _place(func)
        given = [*given]
        given[place] = given[place].clone().requires_grad_()
        out = func(*given)
        above = torch.ones_like(out)
        yield lambda out=out, x=given[place], above=above: torch.autograd.grad(
            out, x, above, retain_graph=True
        )


def check_floor(seconds: dict[str, list[float]], floor: str) -> None:
    """Nothing is faster than the least that its arithmetic can take.

    Raises:
        BenchmarkError: a contestant's best turn is below the floor.
    """
    least = min(seconds[floor])
    for name, turns in seconds.items():
        if min(turns) < least:
            raise BenchmarkError(
                f"{name!r} took {min(turns):.3g} s, less than {floor!r}, {least:.3g} s: one of the "
                "two is measured wrongly. Is the machine busy with other work?"
            )
