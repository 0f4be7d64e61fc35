"""What the numbers of an array are, seen once: their range, and whether they are whole."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from unlearnable_lightning.errors import UnlearnableError

_CHUNK = 2**22  # numbers at a time: as float64 they take 34 MB


@dataclass(frozen=True)
class Scan:
    """Of an array of numbers.

    Attributes:
        dtype: of the array.
        low: the least of them.
        high: the greatest.
        whole: whether all are whole numbers.
    """

    dtype: np.dtype
    low: float
    high: float
    whole: bool

    @property
    def range(self) -> str:
        """For messages."""
        return f"{self.dtype} from {self.low:g} to {self.high:g}"


def scan(array: np.ndarray) -> Scan:
    """Looks at all numbers.

    Args:
        array: [n, …].

    Raises:
        UnlearnableError: no numbers, none at all, or NaN or infinite ones.
    """
    if array.dtype.kind not in "iuf":
        raise UnlearnableError(
            f"it holds {array.dtype}; it must hold numbers. Store uint8, int8, int16 or float32."
        )
    if not array.size:
        raise UnlearnableError(f"it has shape {array.shape}, so no image. Store one at least.")
    low, high, whole = np.inf, -np.inf, array.dtype.kind != "f"
    whole_so_far = True
    for chunk in chunks(array):
        low, high = min(low, float(chunk.min())), max(high, float(chunk.max()))
        if not (np.isfinite(low) and np.isfinite(high)):
            raise UnlearnableError(
                f"it holds NaN or infinite values ({np.count_nonzero(~np.isfinite(chunk))} of "
                f"{chunk.size} in one part); a grey level is a number. Make the noise again with a "
                "lower step, or replace them."
            )
        if not whole and whole_so_far:
            whole_so_far = bool((chunk == np.rint(chunk)).all())
    return Scan(array.dtype, low, high, whole or whole_so_far)


def chunks(array: np.ndarray) -> Iterator[np.ndarray]:
    """Parts of an array, in native byte order."""
    step = max(1, _CHUNK // max(1, array[0].size))
    for start in range(0, len(array), step):
        part = array[start : start + step]
        yield part.astype(part.dtype.newbyteorder("="), copy=False)
