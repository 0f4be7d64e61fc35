"""What noise begins from: the argument `init`."""

import torch
from torch import Tensor

FIRST = ("uniform", "zeros", "normal")


def first_noise(
    init: str, shape: tuple[int, ...], epsilon: float, generator: torch.Generator | None = None
) -> Tensor:
    """Noise of a shape, float32, on the generator's device.

    Args:
        init: `uniform`, U(-epsilon, epsilon); `zeros`; or `normal`, N(0, epsilon²) clipped to
            ±epsilon, which leaves a third of the values at the bound.
        shape: of the noise.
        epsilon: bound.
        generator: of the draws; None takes torch's own, on the CPU.
    """
    if init == "zeros":
        return torch.zeros(shape)
    if init == "normal":
        return torch.randn(shape, generator=generator).mul_(epsilon).clamp_(-epsilon, epsilon)
    return (2 * torch.rand(shape, generator=generator) - 1) * epsilon
