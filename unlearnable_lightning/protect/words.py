"""Paths of any bytes as text that can be printed."""

import os
from pathlib import Path


def shown(path: str | Path) -> str:
    """A path as text; bytes that are no UTF-8, which Linux allows in names, become �."""
    return os.fsencode(path).decode("utf-8", "replace")
