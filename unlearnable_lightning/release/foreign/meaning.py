"""What numbers mean: images or differences, in grey levels or in pixels of [0, 1]."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release.foreign.scan import Scan

Holds = Literal["images", "differences"]
_SLACK = 1e-3  # float32 sums such as x + delta - x leave 1e-7 beyond the range
_STANDARDISED = 8.0  # images over their standard deviation stay below 3; grey levels do not
_SAMPLE = 256  # images that tell images from differences
_CLEARLY = 2  # how many times closer one meaning must be than the other


@dataclass(frozen=True)
class Meaning:
    """How to read numbers.

    Attributes:
        holds: images or differences.
        scale: 255 for pixels of [0, 1], 1 for grey levels.
    """

    holds: Holds
    scale: int

    def __str__(self) -> str:
        return f"{self.holds} in {'grey levels' if self.scale == 1 else 'pixels of [0, 1]'}"

    def levels(self, part: np.ndarray) -> np.ndarray:
        """Whole grey levels, int16, rounded to nearest."""
        if part.dtype.kind != "f":
            return part.astype(np.int16)
        return np.rint(part.astype(np.float64) * self.scale).astype(np.int16)


def meanings(seen: Scan, given: Holds | None, pixels: bool = False) -> list[Meaning]:
    """What an array may mean by its dtype and range alone: one or two.

    Args:
        seen: its numbers.
        given: what is known of them.
        pixels: whether floats up to 1 are pixels in this format, even if all are 0 or 1.

    Raises:
        UnlearnableError: nothing, or the unit cannot be told.
    """
    scale = _scale(seen, pixels)
    if not -255 - _SLACK <= seen.low * scale <= seen.high * scale <= 255 + _SLACK:
        raise UnlearnableError(
            f"it holds {seen.range}; differences of 8-bit pixels lie between -255 and 255 grey "
            "levels. Store grey levels, or pixels of [0, 1]."
        )
    possible: list[Holds] = ["images", "differences"]
    if seen.dtype == np.uint8:
        possible = ["images"]
    elif seen.dtype == np.int8 or seen.low * scale < -_SLACK * 255:
        possible = ["differences"]
    if given is not None and given not in possible:
        raise UnlearnableError(
            f"it holds {seen.range}, which are no {given}, but {possible[0]}. Say holds: "
            f"{possible[0]}, or leave it out."
        )
    return [Meaning(each, scale) for each in possible if given in (None, each)]


def _scale(seen: Scan, pixels: bool) -> int:
    """255 or 1. Integers are grey levels; floats up to 1 are pixels, unless all are whole."""
    if seen.dtype.kind != "f":
        return 1
    largest = max(abs(seen.low), abs(seen.high))
    if largest <= 1 + _SLACK and (pixels or largest == 0 or not seen.whole):
        return 255
    if largest > _STANDARDISED or (seen.whole and largest > 1):
        return 1
    raise UnlearnableError(
        f"it holds {seen.range}, {'all whole' if seen.whole else 'not whole'}: these may be grey "
        "levels, pixels of [0, 1], or standardised. Store whole grey levels as int16, or clip "
        "images to [0, 1]."
    )


def decide(possible: list[Meaning], array: np.ndarray, clean: Tensor) -> Meaning:
    """The one meaning, where two are left the one that lies closer to the clean images.

    Args:
        possible: of `meanings`.
        array: [n, C, H, W].
        clean: uint8 [n, C, H, W], the images in their place.

    Raises:
        UnlearnableError: neither is twice as close as the other, or images on another scale.
    """
    rows = np.linspace(0, len(array) - 1, min(_SAMPLE, len(array))).astype(int)
    levels = possible[0].levels(array[rows])
    there = clean[rows].numpy().astype(np.int16)
    as_images = float(np.abs(levels - there).mean())
    as_differences = float(np.abs(levels).mean())
    if len(possible) == 1:
        if possible[0].holds == "differences":
            _check_centred(levels, there)
        return possible[0]
    if _CLEARLY * as_images < as_differences:
        return possible[0]
    if _CLEARLY * as_differences < as_images:
        return possible[1]
    raise UnlearnableError(
        f"read as images it is {as_images:.1f} grey levels from the clean ones on average, read "
        f"as differences it changes them by {as_differences:.1f}; one of them must be at most half "
        "of the other to be told apart. Say which with init_args {holds: images} or {holds: "
        "differences}; or the data are not those that it was made for."
    )


def decide_of_classes(possible: list[Meaning], array: np.ndarray, clean: Tensor) -> Meaning:
    """Differences, one for each class, unless they are as bright as images are.

    Args:
        possible: of `meanings`.
        array: [K, C, H, W].
        clean: uint8 [N, C, H, W], all images.

    Raises:
        UnlearnableError: images, or numbers that may be images.
    """
    meaning, bright = possible[-1], float(clean.float().mean())
    changed = float(np.abs(meaning.levels(array)).mean())
    if meaning.holds == "images" or (len(possible) > 1 and _CLEARLY * changed > bright):
        raise UnlearnableError(
            f"it holds {len(array)} images, one for each class; only differences can be of classes"
            f" (its numbers are {changed:.1f} grey levels on average, the clean images {bright:.1f}"
            "). Say holds: differences if they are that, or give --from ShuffledImages."
        )
    return meaning


def _check_centred(levels: np.ndarray, clean: np.ndarray) -> None:
    """Refuses images in [-1, 1] or [-0.5, 0.5]: no difference makes black pixels darker."""
    changed = float(np.abs(levels).mean())
    for shown, images in (("[-1, 1]", (levels + 255) / 2), ("[-0.5, 0.5]", levels + 127.5)):
        apart = float(np.abs(images - clean).mean())
        if _CLEARLY * apart < changed:
            raise UnlearnableError(
                f"it holds images on the scale {shown}: read so, they are {apart:.1f} grey levels "
                f"from the clean ones on average; read as differences, they change them by "
                f"{changed:.1f}. Store images in pixels of [0, 1]."
            )
