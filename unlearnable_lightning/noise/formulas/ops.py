"""OPS, one-pixel shortcut (Wu et al., ICLR 2023, arXiv 2205.12141), and CIFAR-10-S.

Every class has one pixel and a colour for it: where its images are farthest from a corner of the
colour cube with the least spread. All its images get that colour there.
"""

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor

from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.by_class import rows_by_class


@dataclass(frozen=True)
class Shortcut:
    """The pixels of one class, the best first.

    Attributes:
        positions: int64 [k], row·W + column.
        colours: int64 [k, C], 0 or 1 per channel.
        scores: float64 [k], mean distance over its standard deviation; inf where all are the same.
    """

    positions: Tensor
    colours: Tensor
    scores: Tensor


def ops(images: Tensor, labels: Tensor, generator: torch.Generator, pixels: int = 1) -> Tensor:
    """Images with the pixels of their class set.

    Args:
        images: uint8 [N, C, H, W].
        labels: int64 [N].
        generator: not used; the images decide everything.
        pixels: how many positions per class are set.

    Returns:
        uint8 [N, C, H, W].

    Raises:
        UnlearnableError: fewer than 1 pixel, or not enough pairs of a position and a colour for
            all classes.
    """
    return cifar10_s(images, labels, generator, images, pixels)


def cifar10_s(
    images: Tensor, labels: Tensor, generator: torch.Generator, poisoned: Tensor, pixels: int = 1
) -> Tensor:
    """CIFAR-10-S: the pixels of OPS set in images that already have another noise.

    Result and errors as for `ops`.

    Args:
        images: as for `ops`.
        labels: as for `ops`.
        generator: as for `ops`.
        poisoned: uint8 [N, C, H, W], the same images with the other noise; where a pixel is set
            nothing of it is left. The pixels are chosen on the clean `images`.
        pixels: as for `ops`.
    """
    found = shortcuts(images, labels, pixels)
    if poisoned.dtype != torch.uint8 or poisoned.shape != images.shape:
        raise UnlearnableError(
            f"poisoned is {poisoned.dtype} of shape {tuple(poisoned.shape)}; it must be uint8 of "
            f"shape {tuple(images.shape)}, the same images with another noise."
        )
    result = poisoned.contiguous().clone()
    flat = result.flatten(2)
    for label, shortcut in found.items():
        rows = (labels == label).nonzero()
        flat[rows, :, shortcut.positions] = 255 * shortcut.colours.to(torch.uint8)
    return result


def shortcuts(images: Tensor, labels: Tensor, pixels: int = 1) -> dict[int, Shortcut]:
    """The pixels of every class that has images, in the order of the labels.

    No two classes share a pair of a position and a colour; within a class all positions differ.
    Arguments and errors as for `ops`.
    """
    rows_of = rows_by_class(images, labels)
    _, channels, height, width = images.shape
    colours = torch.tensor(list(itertools.product((0, 1), repeat=channels)))
    _check(pixels, len(rows_of), height * width, len(colours))
    used = torch.zeros(height * width, len(colours), dtype=torch.bool)
    found = {}
    for label, pieces in enumerate(rows_of):
        if not len(pieces[0]):
            continue
        score = _scores(images, pieces, colours).masked_fill_(used, -1)
        best, colour = score.max(1)
        order = best.argsort(descending=True, stable=True)[:pixels]
        used[order, colour[order]] = True
        found[label] = Shortcut(order, colours[colour[order]], best[order])
    return found


def _scores(images: Tensor, pieces: tuple[Tensor, ...], colours: Tensor) -> Tensor:
    """Mean over standard deviation of |colour - pixel|, float64 [H·W, 2^C].

    The distance is x or 255 - x, so sums of x and x² are enough. They are whole numbers: equal
    scores are equal, and a spread of 0 is exactly 0.
    """
    total = torch.zeros(images[0].flatten(1).shape, dtype=torch.int64)
    squares = total.clone()
    for rows in pieces:
        pixel = images[rows].flatten(2).long()
        total += pixel.sum(0)
        squares += pixel.square().sum(0)
    images_here = sum(map(len, pieces))
    from_white = 255 * images_here - total
    squares_from_white = 255 * 255 * images_here - 510 * total + squares
    white = colours.t()[:, None] == 1  # [C, 1, 2^C]
    first = torch.where(white, from_white[..., None], total[..., None]).sum(0)
    second = torch.where(white, squares_from_white[..., None], squares[..., None]).sum(0)
    numbers = images_here * len(total)
    spread = (numbers * second - first.square()).double().sqrt()
    return torch.where(first > 0, first.double() / spread, 0)


def _check(pixels: int, classes: int, positions: int, colours: int) -> None:
    whole_number("pixels", pixels, 1, "every class needs at least 1")
    if pixels > positions or pixels * classes > positions * colours:
        raise UnlearnableError(
            f"pixels={pixels} for {classes} classes: an image has {positions} positions in "
            f"{colours} colours, and no two classes may share one. Take fewer pixels."
        )
