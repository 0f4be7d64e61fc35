"""Which operations TrivialAugment and RandAugment draw from, and how far each may go."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from unlearnable_lightning.augment import operations as op

BINS = 31  # of magnitudes, 0 to 30, as both papers count them


@dataclass(frozen=True)
class Operation:
    """One operation and its amounts.

    Attributes:
        apply: images [B, C, H, W] and amounts [B] to images.
        weakest: amount of magnitude 0.
        strongest: amount of magnitude 30.
        signed: whether the amount is negated half of the time.
        whole: whether amounts are rounded to whole numbers.
    """

    apply: Callable[[Tensor, Tensor], Tensor]
    weakest: float = 0.0
    strongest: float = 0.0
    signed: bool = False
    whole: bool = False

    def amounts(self, bins: Tensor, signs: Tensor) -> Tensor:
        """float [B] of magnitudes in [0, 30] and signs, -1 or 1."""
        amounts = self.weakest + (self.strongest - self.weakest) * bins / (BINS - 1)
        amounts = amounts.round() if self.whole else amounts
        return amounts * signs if self.signed else amounts


def policy(
    shear: float, shift: float, turn: float, factor: float, bits: int
) -> tuple[Operation, ...]:
    """The 14 operations of both papers.

    Args:
        shear: largest shear.
        shift: largest translation in pixels.
        turn: largest rotation in degrees.
        factor: largest change of brightness, colour, contrast and sharpness.
        bits: fewest that posterize keeps.
    """
    return (
        Operation(op.identity),
        Operation(op.shear_x, 0, shear, signed=True),
        Operation(op.shear_y, 0, shear, signed=True),
        Operation(op.translate_x, 0, shift, signed=True),
        Operation(op.translate_y, 0, shift, signed=True),
        Operation(op.rotate, 0, turn, signed=True),
        Operation(op.brightness, 0, factor, signed=True),
        Operation(op.color, 0, factor, signed=True),
        Operation(op.contrast, 0, factor, signed=True),
        Operation(op.sharpness, 0, factor, signed=True),
        Operation(op.posterize, 8, bits, whole=True),
        Operation(op.solarize, 1, 0),
        Operation(op.autocontrast),
        Operation(op.equalize),
    )


CIFAR = policy(shear=0.3, shift=10, turn=30, factor=0.9, bits=4)
WIDE = policy(shear=0.99, shift=32, turn=135, factor=0.99, bits=2)


def augmented(
    images: Tensor, operations: tuple[Operation, ...], which: Tensor, bins: Tensor, signs: Tensor
) -> Tensor:
    """Every image after the operation that was drawn for it.

    Args:
        images: float [B, C, H, W] in [0, 1].
        operations: to choose from.
        which: number of each image's operation, int64 [B], on the CPU, so that nobody waits for a
            GPU to say which images go together.
        bins: magnitudes float [B] in [0, 30], on the CPU.
        signs: -1 or 1, float [B], on the CPU.
    """
    result = images.clone()
    for number, operation in enumerate(operations):
        rows = (which == number).nonzero().flatten()
        if len(rows):
            amounts = operation.amounts(bins[rows], signs[rows]).to(images)
            rows = rows.to(images.device)
            result[rows] = operation.apply(images[rows], amounts)
    return result


def draw(count: int, choices: int) -> tuple[Tensor, Tensor]:
    """For each of `count` images: an operation int64 [count] and a sign float [count]."""
    return torch.randint(choices, (count,)), 2.0 * torch.randint(2, (count,)) - 1
