"""Where the power of a noise lies: low frequencies are blotches, high ones are grain."""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from unlearnable_lightning.inspection.pair import Pair

LOW = 4  # cycles per image: what counts as low


@dataclass(frozen=True)
class Spectrum:
    """Mean over images and channels.

    Attributes:
        mean_radius: by power, in cycles per image: 0 for a flat colour, 22.6 at most for 32×32.
        white_radius: that of white noise: 12.2 for 32×32.
        low_share: of the power, at a radius of at most 4 cycles per image.
        power: float64 [H, W] of |FFT2|², frequency 0 in the centre.
    """

    mean_radius: float
    white_radius: float
    low_share: float
    power: Tensor = field(repr=False)


def spectrum(pair: Pair) -> Spectrum:
    """Of the noise of `pair`; all zero if there is none."""
    height, width = pair.clean.shape[2:]
    power = torch.zeros(height, width, dtype=torch.float64)
    for part in pair.changes():
        power += torch.fft.fft2(part).abs().square().sum((0, 1))
    power /= len(pair) * pair.clean.shape[1]
    radius = radii(height, width)
    total = power.sum().clamp(min=1e-30)
    mean, low = (power * radius).sum() / total, power[radius <= LOW].sum() / total
    return Spectrum(mean.item(), radius.mean().item(), low.item(), torch.fft.fftshift(power))


def radii(height: int, width: int) -> Tensor:
    """Of every frequency of an FFT of that size, in cycles per image: float64 [height, width]."""
    # whole numbers: 28 · fftfreq(28) has 4.0000002, which would not count as low
    down, right = (torch.fft.fftfreq(n, 1 / n).double().round() for n in (height, width))
    radius: Tensor = (down[:, None].square() + right.square()).sqrt()
    return radius
