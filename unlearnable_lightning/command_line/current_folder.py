"""Own modules in the current folder."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def current_folder_importable() -> Iterator[None]:
    """Finds a module of the user's beside the command, as `python -m` does.

    At the end of the path: a folder from elsewhere, with a `yaml.py` in it, replaces no library.
    """
    folder = os.getcwd()
    sys.path.append(folder)
    try:
        yield
    finally:
        sys.path.remove(folder)
