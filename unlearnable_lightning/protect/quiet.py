"""Warnings and lines of libraries that an owner of pictures can do nothing about."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_LOGGERS = ("lightning.pytorch", "lightning.fabric", "PIL")


@contextmanager
def quiet() -> Iterator[None]:
    """PIL warns of large and of damaged files, which the report lists; Lightning of devices, of
    validation that there is none of, and of few batches."""
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    for name in _LOGGERS:
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="PIL")
            warnings.filterwarnings("ignore", module="lightning")
            yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
