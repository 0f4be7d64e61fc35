"""Rounding to what an 8-bit file can hold, with a gradient."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def eight_bits(images: Tensor) -> Tensor:
    """Images in [0, 1], clamped, at the nearest multiples of 1/255; the gradient of the clamp."""
    clamped = images.clamp(0, 1)
    return straight(lambda exact: (exact * 255).round() / 255, clamped)


def straight(rounding: Callable[[Tensor], Tensor], values: Tensor) -> Tensor:
    """`rounding(values)` with the gradient of the identity, so that noise and attacks can be
    optimised through it."""
    rounded: Tensor = _StraightThrough.apply(values, rounding(values.detach()))
    return rounded


class _StraightThrough(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, soft: Tensor, hard: Tensor) -> Tensor:
        return hard

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return grads[0], None
