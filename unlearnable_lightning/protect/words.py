"""Paths of any bytes as text that can be printed."""

import os
import unicodedata
from pathlib import Path

_BREAKING = ("Cc", "Zl", "Zp")  # line breaks, and the codes by which a terminal changes colours


def shown(path: str | Path) -> str:
    """A path as one line of text; bytes that are no UTF-8, which Linux allows in names, become �,
    and control characters what Python writes for them: a line break becomes a backslash and n."""
    text = os.fsencode(path).decode("utf-8", "replace")
    return "".join(
        repr(each)[1:-1] if unicodedata.category(each) in _BREAKING else each for each in text
    )
