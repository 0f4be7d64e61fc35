"""The image operations of TrivialAugment and RandAugment, with an amount of its own for each image.

torchvision has the same ones for one amount per call: image by image they would take a hundred
calls for a batch. On 8-bit values ours equal torchvision's to one grey level, because its colour
operations cut fractions off and ours round at the end. All take float images [B, C, H, W] in [0, 1]
and amounts float [B].
"""

import torch
from torch import Tensor

from unlearnable_lightning.augment.bit_depth import bit_depth

_LUMA = (0.2989, 0.587, 0.114)  # torchvision's


def identity(images: Tensor, amounts: Tensor) -> Tensor:
    """The images."""
    return images


def shear_x(images: Tensor, amounts: Tensor) -> Tensor:
    """Moves each row to the left in proportion to its place below the first one."""
    one, zero = torch.ones_like(amounts), torch.zeros_like(amounts)
    return _mapped(images, _rows((one, amounts, zero), (zero, one, zero)))


def shear_y(images: Tensor, amounts: Tensor) -> Tensor:
    """Moves each column up in proportion to its place right of the first one."""
    one, zero = torch.ones_like(amounts), torch.zeros_like(amounts)
    return _mapped(images, _rows((one, zero, zero), (amounts, one, zero)))


def translate_x(images: Tensor, amounts: Tensor) -> Tensor:
    """Moves by whole pixels to the right; black moves in."""
    one, zero = torch.ones_like(amounts), torch.zeros_like(amounts)
    return _mapped(images, _rows((one, zero, -amounts.trunc()), (zero, one, zero)))


def translate_y(images: Tensor, amounts: Tensor) -> Tensor:
    """Moves by whole pixels down."""
    one, zero = torch.ones_like(amounts), torch.zeros_like(amounts)
    return _mapped(images, _rows((one, zero, zero), (zero, one, -amounts.trunc())))


def rotate(images: Tensor, amounts: Tensor) -> Tensor:
    """Rotates about the centre by degrees, counter-clockwise."""
    middle_x, middle_y = images.shape[-1] / 2, images.shape[-2] / 2
    cos, sin = torch.cos(torch.deg2rad(amounts)), torch.sin(torch.deg2rad(amounts))
    right = middle_x - cos * middle_x + sin * middle_y
    down = middle_y - sin * middle_x - cos * middle_y
    return _mapped(images, _rows((cos, -sin, right), (sin, cos, down)))


def brightness(images: Tensor, amounts: Tensor) -> Tensor:
    """Away from black by the factor 1 + amount."""
    return _blend(torch.zeros_like(images), images, 1 + amounts)


def color(images: Tensor, amounts: Tensor) -> Tensor:
    """Away from the gray image."""
    return images if images.shape[1] == 1 else _blend(_gray(images), images, 1 + amounts)


def contrast(images: Tensor, amounts: Tensor) -> Tensor:
    """Away from the mean gray of the image."""
    mean = _gray(images).mean((1, 2, 3), keepdim=True)
    return _blend(mean.expand_as(images), images, 1 + amounts)


def sharpness(images: Tensor, amounts: Tensor) -> Tensor:
    """Away from a blurred image; its border stays."""
    if min(images.shape[-2:]) < 3:
        return images
    height, width = images.shape[-2:]
    inner = 4 * images[..., 1:-1, 1:-1]
    for row in range(3):
        for column in range(3):
            inner = inner + images[..., row : row + height - 2, column : column + width - 2]
    blurred = images.clone()
    blurred[..., 1:-1, 1:-1] = (inner * 255 / 13).round() / 255
    return _blend(blurred, images, 1 + amounts)


def posterize(images: Tensor, amounts: Tensor) -> Tensor:
    """Keeps so many bits of 8."""
    return bit_depth(images, amounts.trunc()[:, None, None, None])


def solarize(images: Tensor, amounts: Tensor) -> Tensor:
    """Inverts values from the threshold `amounts` (in [0, 1]) on."""
    bright = images >= amounts[:, None, None, None] - 1e-6
    return torch.where(bright, 1 - images, images)


def autocontrast(images: Tensor, amounts: Tensor) -> Tensor:
    """Stretches every channel to [0, 1]."""
    low, high = images.amin((2, 3), keepdim=True), images.amax((2, 3), keepdim=True)
    stretched = (images - low) / (high - low).clamp(min=1e-6)
    return torch.where(high > low, stretched, images).clamp(0, 1)


def equalize(images: Tensor, amounts: Tensor) -> Tensor:
    """Makes all grey levels of a channel about equally frequent, as PIL does."""
    levels = (images * 255).round().long().flatten(0, 1).flatten(1)
    counts = levels.new_zeros(len(levels), 256).scatter_add_(1, levels, torch.ones_like(levels))
    brightest = counts.gather(1, levels.amax(1, keepdim=True))
    step = (levels.shape[1] - brightest) // 255
    before = counts.cumsum(1) - counts
    table = ((before + step // 2) // step.clamp(min=1)).clamp(max=255)
    equalized = torch.where(step > 0, table.gather(1, levels), levels)
    return (equalized / 255).view(images.shape).to(images.dtype)


def _blend(far: Tensor, images: Tensor, factors: Tensor) -> Tensor:
    return torch.lerp(far, images, factors[:, None, None, None]).clamp(0, 1)


def _gray(images: Tensor) -> Tensor:
    """Luma [B, 1, H, W] in whole grey levels, cut off as torchvision cuts it."""
    if images.shape[1] == 1:
        return images
    red, green, blue = (images * 255).round().split(1, dim=1)
    luma: Tensor = _LUMA[0] * red + _LUMA[1] * green + _LUMA[2] * blue
    return luma.floor() / 255


def _rows(*rows: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    """Matrices [B, 2, 3]."""
    return torch.stack([torch.stack(row, -1) for row in rows], 1)


def _mapped(images: Tensor, inverse: Tensor) -> Tensor:
    """Images whose pixel centre p holds the nearest value to `inverse` · (p, 1); black outside.

    A centre lies half a pixel from the left and upper edge, where (0, 0) is.
    """
    height, width = images.shape[-2:]
    y = torch.arange(height, device=images.device) + 0.5
    x = torch.arange(width, device=images.device) + 0.5
    inverse = inverse[:, :, :, None, None]
    from_x = inverse[:, 0, 0] * x + inverse[:, 0, 1] * y[:, None] + inverse[:, 0, 2] - 0.5
    from_y = inverse[:, 1, 0] * x + inverse[:, 1, 1] * y[:, None] + inverse[:, 1, 2] - 0.5
    column, row = from_x.round().long(), from_y.round().long()
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    place = row.clamp(0, height - 1) * width + column.clamp(0, width - 1)
    place = place.flatten(1)[:, None].expand(-1, images.shape[1], -1)
    return images.flatten(2).gather(2, place).view(images.shape) * inside[:, None]
