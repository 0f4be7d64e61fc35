"""The rows of a grid: published numbers, and products of names."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from experiments.names import Names
from experiments.training import Training, as_list, combinations
from unlearnable_lightning.errors import UnlearnableError

AXES = ("train_data", "training", "augmentation", "attack", "metric")


@dataclass(frozen=True)
class Cell:
    """A number of a table and the training that it belongs to.

    Attributes:
        source: the table: `Table 3.3` and so on.
        training: that answers it.
        attack: on the test images: `none`, `fgsm` or `pgd`.
        metric: `loss` or `error_pct`.
        value: the published number; None for what nobody published.
        note: how it was published.
        core: whether its training is one of the core rows, which run with several seeds.
    """

    source: str
    training: Training
    attack: str
    metric: str
    value: float | None
    note: str = ""
    core: bool = True


def read_cells(given: Mapping[str, Any], names: Names, folder: Path) -> tuple[Cell, ...]:
    """The rows of a grid, in its order.

    Args:
        given: what its YAML says, of which `rows` and `core` are read. A row is a file of published
            numbers, `{file: …}`, or a product of names, `{source: …}`.
        names: of the grid.
        folder: that a file's path begins at.

    Raises:
        UnlearnableError: a key or a name is unknown, or `source` or `rows` are missing.
    """
    blocks = given.get("rows")
    if not blocks or not isinstance(blocks, list):
        raise UnlearnableError(f"rows={blocks!r}: give a list of what is trained.")
    for block in blocks:
        _check_keys("rows", block, {"file", "names", "source", "published", "note", *AXES})
    cells = [
        cell
        for block in blocks
        for cell in (_published(block, folder) if "file" in block else _product(block, names))
    ]
    for cell in cells:
        names.check(cell.training, f"rows: {cell.source}")
    core = given.get("core")
    if core is None:
        return tuple(cells)
    for block in core:
        _check_keys("core", block, {"source", *AXES})
    return tuple(replace(cell, core=any(_is_of(cell, block) for block in core)) for cell in cells)


def _check_keys(where: str, block: Any, known: set[str]) -> None:
    if not isinstance(block, dict):
        raise UnlearnableError(f"{where}: {block!r}: give `{{key: value}}`.")
    for key in set(block) - known:
        raise UnlearnableError(f"{where}: unknown key {key!r}: give {', '.join(sorted(known))}.")


def _is_of(cell: Cell, block: Mapping[str, Any]) -> bool:
    found = {**vars(cell), **vars(cell.training)}  # `training` is then the name of the defence
    return all(found[key] in as_list(values) for key, values in block.items())


def _product(block: Mapping[str, Any], names: Names) -> Iterator[Cell]:
    _check_keys("rows", block, {"source", "published", "note", *AXES})
    if "source" not in block:
        raise UnlearnableError(f"rows: {block!r} has no `source`: name the table that it is in.")
    left_out = {
        **{"train_data": names.data(), "training": list(names.defences)},
        **{"augmentation": "none", "attack": "none", "metric": "error_pct"},
    }
    axes = {key: value for key, value in block.items() if key in AXES}
    axes |= {key: value for key, value in left_out.items() if key not in axes}
    if empty := [key for key, values in axes.items() if values == []]:
        raise UnlearnableError(f"rows: {empty[0]}=[] of {block['source']}: name at least one.")
    value = block.get("published")
    for each in combinations(axes):
        training = Training(each["train_data"], each["training"], each["augmentation"])
        yield Cell(
            str(block["source"]),
            training,
            each["attack"],
            each["metric"],
            None if value is None else float(value),
            str(block.get("note", "")),
        )


def _published(block: Mapping[str, Any], folder: Path) -> Iterator[Cell]:
    _check_keys("rows: file", block, {"file", "names"})
    path = folder / block["file"]
    if not path.is_file():
        raise UnlearnableError(f"rows: file: there is no {path}: correct the path.")
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            here: dict[str, str] = block.get("names", {}).get(row["source"], {})
            training = Training(
                here.get(row["train_data"], row["train_data"]),
                here.get(row["training"], row["training"]),
                "+".join(here.get(name, name) for name in row["augmentation"].split("+")),
            )
            value, note = float(row["value"]), row["note"]
            yield Cell(row["source"], training, row["test_attack"], row["metric"], value, note)
