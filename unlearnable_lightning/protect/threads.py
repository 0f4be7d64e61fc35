"""Pictures side by side: decoding and encoding let go of the interpreter's lock."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
Result = TypeVar("Result")
_WORKERS = 2  # a picture of 100 megapixels takes a gigabyte while it is written


def side_by_side(
    function: Callable[[Item], Result], items: Sequence[Item], title: str
) -> Iterator[Result]:
    """Results in the order of the items, with a bar; an exception or Ctrl-C ends the rest too."""
    pool = ThreadPoolExecutor(min(_WORKERS, os.cpu_count() or 1))
    try:
        yield from tqdm(pool.map(function, items), title, len(items), disable=None, unit="picture")
    finally:
        pool.shutdown(cancel_futures=True)
