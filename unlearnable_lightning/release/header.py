"""From the header of a file to the fields of a release, by the format of the file."""

from pathlib import Path
from typing import Any

from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import file
from unlearnable_lightning.release.bound import Bound
from unlearnable_lightning.release.shards import ShardRows
from unlearnable_lightning.release.source import DataSource
from unlearnable_lightning.rows import AnyRows

_RECORD = ("seed", "rounds", "error", "finished")  # what format 1 says of its one generator
_ENTRIES = {
    1: {"kind", "epsilon", "norm", "source", "generator", "generator_args", *_RECORD, "versions"},
    2: {"kind", "bound", "source", "made_by", "versions"},
    3: {"kind", "bound", "source", "made_by", "versions", "shards", "dtype"},
}


def fields(header: dict[str, Any], tensors: dict[str, Tensor], path: Path) -> dict[str, Any]:
    """The arguments that build the release of the file at `path`.

    Raises:
        TypeError, UnlearnableError: an entry is missing, too much, or of another type.
    """
    version = header["format"]
    entries = {key: value for key, value in header.items() if key != "format"}
    if entries.keys() != _ENTRIES[version]:  # there are no defaults: what is not there was lost
        names = sorted(entries.keys() ^ _ENTRIES[version])
        raise UnlearnableError(f"entries missing, or too much: {', '.join(names)}")
    if version == 1:
        entries = _as_format_2(entries)
    source = DataSource(**entries["source"])
    difference: AnyRows
    if version == file.SHARDED:
        difference = ShardRows(path, entries["shards"], source.shape[1:], entries["dtype"])
    else:
        difference = tensors["noise" if version == 1 else "difference"]
    return {
        "difference": difference,
        "kind": entries["kind"],
        "source": source,
        "made_by": entries["made_by"],
        "bound": _bound(entries["bound"]),
        "rows": tensors.get("rows"),
        "versions": entries["versions"],
    }


def _as_format_2(entries: dict[str, Any]) -> dict[str, Any]:
    """Format 1 knew one generator, noise of int8 on all images, and no release without a bound."""
    made_by = {"class_path": entries["generator"], "arguments": entries["generator_args"]}
    made_by |= {key: entries[key] for key in _RECORD}
    bound = {"norm": entries["norm"], "value": entries["epsilon"]}
    return {"made_by": made_by, "bound": bound} | {
        key: entries[key] for key in ("kind", "source", "versions")
    }


def _bound(entry: Any) -> Bound | None:
    if entry is None:
        return None
    bound = Bound(**entry)
    if isinstance(entry["value"], str):  # Python may write 8/255, a file holds the number
        raise UnlearnableError(f"the value of the bound is the text {entry['value']!r}")
    return bound
