"""A safetensors file of one tensor, whose rows are written and read piece by piece."""

import json
import math

import torch

_NAMES = {torch.uint8: "U8", torch.int8: "I8", torch.int16: "I16"}


def tensor_header(
    name: str, shape: tuple[int, ...], dtype: torch.dtype, metadata: dict[str, str] | None = None
) -> bytes:
    """What such a file begins with; the numbers follow. The same arguments give the same bytes.

    Args:
        name: of the tensor.
        shape: of the tensor.
        dtype: uint8, int8 or int16.
        metadata: texts by their names.
    """
    size = math.prod(shape) * dtype.itemsize
    tensor = {"dtype": _NAMES[dtype], "shape": shape, "data_offsets": [0, size]}
    text = json.dumps(({"__metadata__": metadata} if metadata else {}) | {name: tensor}).encode()
    text += b" " * (-len(text) % 8)  # as safetensors does: the numbers begin at a multiple of 8
    return len(text).to_bytes(8, "little") + text
