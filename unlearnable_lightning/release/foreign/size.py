"""How large a file of noise may be."""

import math

from unlearnable_lightning.release.source import DataSource

_NUMBER = 8  # bytes of the largest number, float64
_REST = 2**24  # names, labels, the parts of a zip


def most_bytes(source: DataSource) -> int:
    """What images or differences of this data take at most, unpacked, with something beside them:
    a zip of some kilobytes may unpack to terabytes."""
    return 2 * _NUMBER * math.prod(source.shape) + _REST
