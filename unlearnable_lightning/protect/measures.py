"""How far a protected picture is from the clean one."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_LUMA = (0.299, 0.587, 0.114)
_WINDOW, _STRIDE = 8, 4
_ROWS = 512  # at a time: five maps of 24 megapixels would take half a gigabyte


def psnr(clean: Tensor, noisy: Tensor) -> float:
    """Peak signal-to-noise ratio in decibels; infinite if they are the same.

    Args:
        clean: uint8 [C, H, W].
        noisy: the same shape.
    """
    rows = zip(clean.split(_ROWS, 1), noisy.split(_ROWS, 1), strict=True)
    total = sum(float((a.float() - b.float()).square().sum()) for a, b in rows)
    return 10 * math.log10(255**2 * clean.numel() / total) if total else math.inf


def ssim(clean: Tensor, noisy: Tensor) -> float:
    """Structural similarity of the luma (Wang et al., 2004), windows of 8×8 every 4 pixels; of a
    picture below 8 pixels one window.

    Args:
        clean: uint8 [3, H, W].
        noisy: the same shape.
    """
    found = [
        _ssim_map(a, b).flatten()
        for a, b in zip(_overlapping(clean), _overlapping(noisy), strict=True)
    ]
    return float(torch.cat(found).mean())


def _overlapping(image: Tensor) -> list[Tensor]:
    """Strips whose windows are those of the whole picture."""
    height = image.shape[1]
    last = max(height - _WINDOW, 0) // _STRIDE * _STRIDE
    starts = range(0, last + 1, _ROWS)
    return [image[:, start : min(start + _ROWS + _WINDOW - _STRIDE, height)] for start in starts]


def _ssim_map(clean: Tensor, noisy: Tensor) -> Tensor:
    weights = torch.tensor(_LUMA).view(3, 1, 1)
    x, y = ((image.float() * weights).sum(0, keepdim=True) for image in (clean, noisy))
    window = min(_WINDOW, x.shape[1]), min(_WINDOW, x.shape[2])

    def mean(values: Tensor) -> Tensor:
        return F.avg_pool2d(values, window, _STRIDE)

    mean_x, mean_y = mean(x), mean(y)
    spread = mean(x * x) - mean_x.square() + mean(y * y) - mean_y.square()
    shared = mean(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    light = (2 * mean_x * mean_y + c1) / (mean_x.square() + mean_y.square() + c1)
    return light * (2 * shared + c2) / (spread + c2)
