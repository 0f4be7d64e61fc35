"""NumPy arrays from the notes of a pickle: numbers alone, by shape, dtype and bytes."""

import math
from typing import Any

import numpy as np
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release.foreign.notes import Note

_KINDS = "biuf"  # booleans, integers, floats: no objects, no texts, no records
_CHANNELS = {"L": 1, "RGB": 3}


def as_array(value: Any, most_bytes: int) -> np.ndarray:
    """The array that a note, a tensor or an array is.

    Args:
        value: of a file.
        most_bytes: what it may take: a tensor may repeat one number a trillion times.

    Raises:
        UnlearnableError: it is none, too large, or one of objects, texts or records.
    """
    if isinstance(value, Tensor):
        check_bytes(value.nbytes, most_bytes)
        return _of_tensor(value)
    if not isinstance(value, Note):
        raise UnlearnableError(
            f"it holds a {type(value).__name__} where an array of numbers should be. Store "
            "the array itself, or give --from ImageDict for a dict of images."
        )
    try:
        return _of_note(value)
    except (TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise UnlearnableError(
            f"it holds {value.named}, which cannot be taken ({error}). It must be an array of "
            "numbers; store array.astype('int8') or another of them."
        ) from error


def check_bytes(size: int, most_bytes: int) -> None:
    """Refuses arrays that take more than images or differences of the data could."""
    if size > most_bytes:
        raise UnlearnableError(
            f"its arrays take {size} bytes, repeated ones included; of this data they take at most "
            f"{most_bytes}. Use the data that it was made for."
        )


def _of_tensor(tensor: Tensor) -> np.ndarray:
    plain = tensor.layout.__repr__() == "torch.strided" and not tensor.is_quantized
    if not plain or tensor.is_complex() or tensor.device.type != "cpu":
        raise UnlearnableError(
            f"it holds a tensor of {tensor.dtype}, {tensor.layout}, on {tensor.device}; it must be "
            "dense numbers. Store tensor.cpu().to_dense()"
        )
    tensor = tensor.detach().resolve_neg()
    # NumPy knows no bfloat16 and no 8-bit floats
    known = tensor.dtype.itemsize > 1 or not tensor.is_floating_point()
    known = known and str(tensor.dtype) != "torch.bfloat16"
    array: np.ndarray = (tensor if known else tensor.float()).numpy()
    return array


def _of_note(note: Note) -> np.ndarray:
    what = note.named.rpartition(".")[2]
    if what == "_reconstruct":
        _, shape, dtype, fortran, raw = note.state
        return _numbers(raw, dtype, shape, "F" if fortran else "C")
    if what == "_frombuffer":
        raw, dtype, shape, order, *axes = note.arguments
        if order == "K" and axes != [None]:  # NumPy 2.3 and later: of an image that was permuted
            return _numbers(raw, dtype, shape, "C").transpose(axes[0])
        return _numbers(raw, dtype, shape, order)
    if what == "scalar":
        dtype, raw = note.arguments
        return _numbers(raw, dtype, (), "C")
    if what in ("Image", "PngImageFile"):
        _, mode, (width, height), _, raw = note.state[:5]
        return _picture(raw, mode, width, height)
    raise ValueError(f"a {what} alone is no array")


def _picture(raw: Any, mode: str, width: int, height: int) -> np.ndarray:
    if mode not in _CHANNELS:
        raise ValueError(f"a picture of mode {mode}; it must be RGB or L")
    shape = (height, width) if mode == "L" else (height, width, _CHANNELS[mode])
    return _shaped(raw, np.dtype(np.uint8), shape, "C")


def _numbers(raw: Any, dtype: Any, shape: Any, order: str) -> np.ndarray:
    return _shaped(raw, _dtype(dtype), shape, order)


def _shaped(raw: Any, dtype: np.dtype, shape: Any, order: str) -> np.ndarray:
    """An array of these bytes; the shape is checked before anything is allocated."""
    data = _bytes(raw)
    if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"shape {shape!r}")
    if order not in ("C", "F"):
        raise ValueError(f"order {order!r}")
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ValueError(f"{len(data)} bytes for {dtype} of shape {shape}")
    return np.ndarray(shape, dtype, data, order="F" if order == "F" else "C")


def _bytes(raw: Any) -> bytes | bytearray:
    if isinstance(raw, Note) and raw.named == "_codecs.encode":
        text, encoding = raw.arguments
        if encoding != "latin1":
            raise ValueError(f"bytes as text in {encoding!r}")
        return bytes(text, "latin1")
    if not isinstance(raw, bytes | bytearray):
        raise ValueError("Python objects, which could run code")
    return raw


def _dtype(note: Any) -> np.dtype:
    """Of a note such as dtype('f4', False, True) with the state (3, '<', None, …)."""
    if not isinstance(note, Note) or note.named != "numpy.dtype":
        raise ValueError("no dtype")
    text = note.arguments[0]
    if not isinstance(text, str) or len(text) > 3 or text[:1] not in _KINDS:
        raise ValueError(f"dtype {text!r}; only numbers are read")
    order = note.state[1] if note.state else "="
    if order not in ("<", ">", "=", "|"):
        raise ValueError(f"byte order {order!r}")
    return np.dtype(text) if order in "=|" else np.dtype(order + text)
