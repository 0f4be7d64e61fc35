"""The variance-preserving diffusion of DDPM (Ho et al., NeurIPS 2020, arXiv 2006.11239) and of its
stochastic differential equation (Song et al., ICLR 2021, arXiv 2011.13456), on images in [-1, 1].
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor

STEPS = 1000
END = 1e-5  # the time at which the reverse equation stops


def kept_variance(step: int) -> float:
    """ā_t = Π (1 - β_i), β_i = 1e-4 + (i - 1) · (0.02 - 1e-4) / 999, for step t of 1 to 1000:
    0.95956 at 60, 0.89702 at 100."""
    betas = [1e-4 + i * (0.02 - 1e-4) / (STEPS - 1) for i in range(step)]
    return math.prod(1 - beta for beta in betas)


def rate(time: float) -> float:
    """β(τ) = 0.1 + 19.9 τ of the equation, τ in [0, 1]."""
    return 0.1 + 19.9 * time


def kept_at(time: float) -> float:
    """ā(τ) = exp(-½ · 19.9 τ² - 0.1 τ), the share of variance that is left at time τ."""
    return math.exp(-0.5 * 19.9 * time**2 - 0.1 * time)


def noised(images: Tensor, step: int, generator: torch.Generator) -> Tensor:
    """Images after `step` steps at once: √ā · x + √(1 - ā) · n."""
    kept = kept_variance(step)
    return math.sqrt(kept) * images + math.sqrt(1 - kept) * normal(images, generator)


def denoised(
    images: Tensor,
    step: int,
    score: Callable[[Tensor, float], Tensor],
    generator: torch.Generator,
) -> Tensor:
    """The reverse equation from τ = step / 1000 to 1e-5 by Euler and Maruyama, one call a step.

    x ← x + (½ β x + β s(x, τ)) Δ + √(β Δ) n, with Δ = 1e-3 but for the last.

    Args:
        images: float [B, C, H, W].
        step: t*, 1 to 1000.
        score: the gradient of log density of x at time τ.
        generator: on the CPU.
    """
    for number in range(step, 0, -1):
        time, after = number / STEPS, max((number - 1) / STEPS, END)
        length, beta = time - after, rate(time)
        drift = 0.5 * beta * images + beta * score(images, time)
        images = images + drift * length + math.sqrt(beta * length) * normal(images, generator)
    return images


def normal(like: Tensor, generator: torch.Generator) -> Tensor:
    """N(0, 1) of this shape and device; drawn on the CPU, so that all devices draw alike."""
    return torch.randn(like.shape, generator=generator).to(like)
