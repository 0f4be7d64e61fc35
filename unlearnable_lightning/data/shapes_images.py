"""Small drawn images of ten shapes: the data set that needs no download.

An image is a textured shape on a textured background with a line and a small disc as distractors.
Shape and background differ in luminance, so the class shows in grey too; colour says nothing about
it. Grey levels stay in mid-range: noise of a few levels is not clipped away. Contrast and clutter
are chosen so that a CNN of 25k parameters, trained for 10 epochs on 3000 images, reaches 95 % on
new ones, and 14 to 22 % when error-minimizing noise at 8/255 was added to the training images.
"""

from collections.abc import Callable

import torch
from torch import Generator, Tensor, maximum, minimum

from unlearnable_lightning.checks.seed import check_seed
from unlearnable_lightning.checks.whole_number import whole_number

_CHUNK = 1000  # images drawn at once: about 12 MB for each float layer of 32×32 pixels
_LUMINANCE = (0.299, 0.587, 0.114)  # ITU-R BT.601, as in torchvision's Grayscale

# A shape turns its own coordinates u (right) and v (down), about -1..1 inside it, into a distance
# in the same units, negative inside; near edges it is the true one, so all are equally soft.


def _disc(u: Tensor, v: Tensor) -> Tensor:
    return (u * u + v * v).sqrt() - 0.9


def _square(u: Tensor, v: Tensor) -> Tensor:
    return maximum(u.abs(), v.abs()) - 0.8


def _bar(u: Tensor, v: Tensor) -> Tensor:
    return maximum(u.abs() - 0.95, v.abs() - 0.27)


_SHAPES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "disc": _disc,
    "ring": lambda u, v: (_disc(u, v) + 0.18).abs() - 0.2,
    "square": _square,
    "frame": lambda u, v: (_square(u, v) + 0.15).abs() - 0.18,
    "triangle": lambda u, v: maximum(v - 0.75, (u.abs() * 2 - v - 0.95) * 0.447),  # 1 / sqrt(5)
    "cross": lambda u, v: minimum(_bar(u, v), _bar(v, u)),
    "diamond": lambda u, v: (u.abs() + v.abs() - 1.1) * 0.707,  # 1 / sqrt(2)
    "bars": lambda u, v: maximum(_square(u, v), 0.16 - (v.abs() - 0.32).abs()),  # three, two gaps
    "checker": lambda u, v: maximum(_square(u, v), minimum(u.abs(), v.abs()) * (u * v).sign()),
    "crescent": lambda u, v: maximum(_disc(u, v), -0.15 - _disc(u - 0.45, v)),
}
CLASS_NAMES: tuple[str, ...] = tuple(_SHAPES)


def draw_shapes(count: int, seed: int, image_size: int = 32) -> tuple[Tensor, Tensor]:
    """Draw a balanced data set, the same bytes for the same arguments.

    Only random numbers and elementwise arithmetic are used (no sine, convolution or sum), whose
    results do not depend on the processor.

    Args:
        count: Number of images; classes differ by one image at most.
        seed: Seed of the images and of their order.
        image_size: Height and width in pixels.

    Returns:
        Images, uint8 [count, 3, image_size, image_size], and labels, int64 [count], which index
        `CLASS_NAMES`.

    Raises:
        UnlearnableError: a count below 0, a size below 1, or no whole number.
    """
    whole_number("count", count, 0, "there are at least 0 images")
    whole_number("image_size", image_size, 1, "an image has at least 1 pixel")
    check_seed(seed)
    gen = Generator().manual_seed(seed)
    labels = (torch.arange(count) % len(CLASS_NAMES))[torch.randperm(count, generator=gen)]
    images = torch.empty(count, 3, image_size, image_size, dtype=torch.uint8)
    for start in range(0, count, _CHUNK):
        chunk = slice(start, start + _CHUNK)
        images[chunk] = _draw(labels[chunk], gen, image_size)
    return images, labels


def _draw(labels: Tensor, gen: Generator, size: int) -> Tensor:
    """Images of the given classes, float [n, 3, size, size], whole numbers in 0..255."""
    n = len(labels)
    middle = _uniform(gen, (n, 1, 1, 1), 108, 148)
    contrast = _uniform(gen, (n, 1, 1, 1), 22, 36) * _sign(gen, (n, 1, 1, 1))
    image = middle - contrast + _colour(gen, n) + _texture(gen, n, size)
    clutter = middle + _uniform(gen, (n, 1, 1, 1), -32, 32) + _colour(gen, n)
    image = image + _clutter(gen, n, size) * (clutter - image)
    shape = middle + contrast + _colour(gen, n) + _texture(gen, n, size)
    image = image + _shape_cover(labels, gen, size) * (shape - image)
    image = image + _uniform(gen, (n, 3, size, size), -8, 8)  # the grain
    return image.round().clamp(0, 255)


def _shape_cover(labels: Tensor, gen: Generator, size: int) -> Tensor:
    """How much of each pixel the shape covers, [n, 1, size, size] in 0..1.

    Shapes are moved, scaled, and turned by up to 15 degrees.
    """
    n = len(labels)
    x, y, scale = _place(gen, n, size, 0.55, 0.8)
    tan = _uniform(gen, (n, 1, 1), -0.13, 0.13)  # of half the angle: gives both by division alone
    cos, sin = (1 - tan * tan) / (1 + tan * tan), 2 * tan / (1 + tan * tan)
    u, v = (x * cos + y * sin) / scale, (y * cos - x * sin) / scale
    distance = torch.empty_like(u)
    for index, shape in enumerate(_SHAPES.values()):
        own = labels == index
        distance[own] = shape(u[own], v[own])
    return _cover(distance * scale, size)


def _clutter(gen: Generator, n: int, size: int) -> Tensor:
    """How much of each pixel a thin line and a small disc cover, [n, 1, size, size] in 0..1."""
    x, y, radius = _place(gen, n, size, 0.08, 0.2)
    disc = (x * x + y * y).sqrt() - radius
    x, y, _ = _place(gen, n, size, 0, 1)
    slope = _uniform(gen, (n, 1, 1), -1, 1)
    line = (x * slope + y * (1 - slope.abs())).abs() - 0.04
    return _cover(minimum(disc, line), size)


def _place(
    gen: Generator, n: int, size: int, low: float, high: float
) -> tuple[Tensor, Tensor, Tensor]:
    """A random centre and radius, in half image sizes, so that the disc they make is in the image.

    Returns:
        Coordinates x and y from the centre, [n, size, size], and the radius, [n, 1, 1].
    """
    radius = _uniform(gen, (n, 1, 1), low, high)
    room = 1 - radius
    axis = (torch.arange(size) * 2 + 1 - size) / size
    x = axis.view(1, 1, size) - room * _uniform(gen, (n, 1, 1), -1, 1)
    y = axis.view(1, size, 1) - room * _uniform(gen, (n, 1, 1), -1, 1)
    return x.expand(n, size, size), y.expand(n, size, size), radius


def _cover(distance: Tensor, size: int) -> Tensor:
    """Signed distance in half image sizes, [n, size, size], to coverage, [n, 1, size, size]."""
    return (0.5 - distance * (size / 2)).clamp(0, 1).unsqueeze(1)


def _texture(gen: Generator, n: int, size: int, cells: int = 5) -> Tensor:
    """Smooth noise, [n, 3, size, size] in -16..16: bilinear between values on a coarse lattice."""
    lattice = _uniform(gen, (n, 3, cells + 1, cells + 1), -16, 16)
    place = torch.arange(size) * cells / size
    low = place.long()
    weight = place - low
    column = weight.view(-1, 1)
    rows = lattice[:, :, low] * (1 - column) + lattice[:, :, low + 1] * column
    return rows[..., low] * (1 - weight) + rows[..., low + 1] * weight


def _colour(gen: Generator, n: int) -> Tensor:
    """A random hue of luminance zero to be added, [n, 3, 1, 1]."""
    r, g, b = _uniform(gen, (n, 3, 1, 1), -18, 18).split(1, dim=1)
    grey = r * _LUMINANCE[0] + g * _LUMINANCE[1] + b * _LUMINANCE[2]
    return torch.cat([r - grey, g - grey, b - grey], dim=1)


def _sign(gen: Generator, shape: tuple[int, ...]) -> Tensor:
    return torch.randint(2, shape, generator=gen) * 2 - 1


def _uniform(gen: Generator, shape: tuple[int, ...], low: float, high: float) -> Tensor:
    return torch.rand(shape, generator=gen) * (high - low) + low
