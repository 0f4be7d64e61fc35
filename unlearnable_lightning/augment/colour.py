"""Brightness, contrast, saturation and hue, a factor for each image; torchvision's definitions.

torchvision takes one factor for a batch, and kornia's hue has a gradient of NaN at gray pixels.
"""

import torch
from torch import Tensor


def luma(images: Tensor) -> Tensor:
    """0.299 R + 0.587 G + 0.114 B, [B, 1, H, W] of images [B, 3, H, W]; one channel stays."""
    if images.shape[1] == 1:
        return images
    red, green, blue = images.unbind(1)
    return (0.299 * red + 0.587 * green + 0.114 * blue)[:, None]


def jitter(
    images: Tensor, brightness: Tensor, contrast: Tensor, saturation: Tensor, hue: Tensor
) -> Tensor:
    """All four in this order, each clamped to [0, 1].

    Args:
        images: float [B, 1 or 3, H, W] in [0, 1]; of one channel, saturation and hue do nothing.
        brightness: factor of every value, float [B], 0 or more; 1 changes nothing.
        contrast: factor of the distance from the image's mean luma; likewise.
        saturation: factor of the distance from the pixel's luma; likewise.
        hue: turn of the colour circle, float [B], in [-0.5, 0.5].

    Returns:
        As the images; differentiable in them, gray pixels included.
    """
    brightness, contrast, saturation, hue = (
        factor.to(images.dtype).view(-1, 1, 1, 1)
        for factor in (brightness, contrast, saturation, hue)
    )
    images = (images * brightness).clamp(0, 1)
    images = _blend(images, luma(images).mean((1, 2, 3), keepdim=True), contrast)
    if images.shape[1] == 1:
        return images
    images = _blend(images, luma(images), saturation)
    return torch.where(hue == 0, images, turn_hue(images, hue))


def _blend(images: Tensor, other: Tensor, factor: Tensor) -> Tensor:
    return (factor * images + (1 - factor) * other).clamp(0, 1)


def turn_hue(images: Tensor, turn: Tensor) -> Tensor:
    """Hue of HSV moved by `turn`, a share of the circle, [B, 1, 1, 1]; images [B, 3, H, W]."""
    red, green, blue = images.split(1, dim=1)
    value = torch.maximum(torch.maximum(red, green), blue)
    chroma = value - torch.minimum(torch.minimum(red, green), blue)
    scale = torch.where(chroma == 0, 1, chroma)  # gray has no hue: 0, without a division by 0
    sixths = torch.where(
        value == red,
        (green - blue) / scale,
        torch.where(value == green, 2 + (blue - red) / scale, 4 + (red - green) / scale),
    )
    offsets = torch.tensor([5.0, 3.0, 1.0], dtype=images.dtype, device=images.device)
    place = (sixths + 6 * turn + offsets.view(3, 1, 1)).remainder(6)  # red, green, blue
    return value - chroma * torch.minimum(place, 4 - place).clamp(0, 1)
