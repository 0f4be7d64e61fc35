"""How far a release may change an image."""

import math
from dataclasses import dataclass

from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import as_pixels
from unlearnable_lightning.release import norms

NORMS = ("linf", "l2", "l0")


@dataclass(frozen=True)
class Bound:
    """The largest size of a difference.

    Attributes:
        norm: `linf`, `l2` or `l0`.
        value: `linf`: the largest change of a pixel, in pixels of [0, 1]; the grey levels may be as
            many as fit into it (`floor_grey_levels`). `l2`: the length of the change of a whole
            image, in pixels of [0, 1], so at most √(C·H·W); rounding to 8 bits moves an entry by up
            to half a grey level, so lengths up to value + √(C·H·W) / 2 / 255 are accepted. `l0`:
            how many places (H × W) of an image may change, in any channel; exact.

    Raises:
        UnlearnableError: another norm, or a value out of its range.
    """

    norm: str
    value: float

    def __post_init__(self) -> None:
        if self.norm not in NORMS:
            raise UnlearnableError(
                f"bound: norm={self.norm!r}; give one of {', '.join(NORMS)}, or no bound at all."
            )
        if isinstance(self.value, bool):
            raise UnlearnableError(f"bound: value={self.value}; it must be a number.")
        if self.norm == "l0":
            object.__setattr__(self, "value", _whole(self.value))
            return
        most = 1.0 if self.norm == "linf" else math.inf
        value = as_pixels(self.value, "bound", most)
        if value == math.inf:
            raise UnlearnableError("bound: value=inf; leave the bound out where there is none.")
        object.__setattr__(self, "value", value)

    def check(self, difference: Tensor) -> None:
        """Refuses a difference beyond the bound.

        Args:
            difference: int8 or int16 grey levels [R, C, H, W].

        Raises:
            UnlearnableError: names the largest size found and the largest allowed.
        """
        found, allowed, unit = getattr(norms, self.norm)(difference, self.value)
        if found > allowed:
            raise UnlearnableError(
                f"the difference has an image changed by {found:g} {unit}, beyond its bound "
                f"{self.norm} {self.value:g}, which allows {allowed:g}. Project it, or state the "
                "bound that it keeps."
            )


def _whole(value: float) -> int:
    if not isinstance(value, (int, float)) or not 1 <= value < math.inf or value != int(value):
        raise UnlearnableError(
            f"bound: l0 of {value!r}; it counts changed places, so it must be a whole number above "
            "0."
        )
    return int(value)
