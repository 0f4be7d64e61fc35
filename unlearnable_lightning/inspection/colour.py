"""How colourful a noise is, which decides what grayscale leaves of it."""

from dataclasses import dataclass

import torch
from torch import Tensor

from unlearnable_lightning.augment.colour import luma
from unlearnable_lightning.inspection.pair import Pair
from unlearnable_lightning.inspection.spectrum import LOW, radii

_LUMA = (0.299, 0.587, 0.114)
_FLAT = 1e-12  # of the mean square of a channel: its variance, if all of it changes alike


@dataclass(frozen=True)
class Colour:
    """Of the noise of RGB images.

    Attributes:
        luma_share: mean square of 0.299 R + 0.587 G + 0.114 B over that of the noise: 1 for a
            colourless noise, 0.447 for independent channels, 0.03 for magenta and green.
        red_green: correlation of the two channels over all pixels.
        red_blue: likewise.
        low_luma_share: `luma_share` of its power at a radius of at most 4 cycles per image, where
            it is smooth; 0 if it has none there.
        high_luma_share: likewise of the rest, where it is fine.
    """

    luma_share: float
    red_green: float
    red_blue: float
    low_luma_share: float
    high_luma_share: float


def colour(pair: Pair) -> Colour | None:
    """Of the noise of `pair`; None for images of one channel.

    A channel that does not change, or all of it alike, correlates with nothing: 0.
    """
    if pair.clean.shape[1] != 3:
        return None
    weights = torch.tensor(_LUMA, dtype=torch.float64)
    products, sums, count = torch.zeros(3, 3, dtype=torch.float64), torch.zeros(3).double(), 0
    powers = torch.zeros(2, 2, dtype=torch.float64)
    for part in pair.changes():
        channels = part.transpose(0, 1).flatten(1).double()
        products += channels @ channels.T
        sums += channels.sum(1)
        count += channels.shape[1]
        powers += luma_powers(part)
    share = (weights @ products @ weights) / (products.trace() / 3).clamp(min=1e-30)
    covariance = products / count - sums.outer(sums) / count**2
    # of a flat colour the sums leave rounding alone, 1e-16 of the squares
    flat = covariance.diag() <= _FLAT * products.diag() / count
    scale = covariance.diag().masked_fill(flat, torch.inf).sqrt()
    correlation = covariance / scale.outer(scale)
    parts = powers[0] / powers[1].clamp(min=1e-30)
    return Colour(share.item(), correlation[0, 1].item(), correlation[0, 2].item(), *parts.tolist())


def luma_powers(change: Tensor) -> Tensor:
    """How much of RGB changes is luma, where they are smooth and where they are fine.

    Args:
        change: float [N, 3, H, W].

    Returns:
        float64 [2, 2], power summed over images: of luma and, mean over channels, of the change;
        at a radius of at most 4 cycles per image and of more. Their ratios are luma shares.
    """
    low = radii(*change.shape[2:]).to(change.device) <= LOW
    powers = [
        torch.fft.fft2(of).abs().square().sum((0, 1), dtype=torch.float64)
        for of in (luma(change), change)
    ]
    powers[1] /= 3
    return torch.stack([torch.stack([of[low].sum(), of[~low].sum()]) for of in powers])
