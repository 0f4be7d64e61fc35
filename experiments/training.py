"""A victim's training by its names, and products of names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any


@dataclass(frozen=True)
class Training:
    """A victim's training: three names of a grid's entries, as in the table of results.

    Attributes:
        train_data: of `clean` or `noises`.
        training: of `defences`.
        augmentation: of `augmentations`, joined by + in the order of application, or `none`.
    """

    train_data: str
    training: str
    augmentation: str = "none"


def combinations(block: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Every combination of the values of a block; those of its last key vary fastest.

    Args:
        block: by key a value or a list of them.
    """
    values = [as_list(value) for value in block.values()]
    yield from (dict(zip(block, each, strict=True)) for each in product(*values))


def as_list(value: Any) -> list[str]:
    """A YAML may leave out the brackets around a single value."""
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
