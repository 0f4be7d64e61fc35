"""From the header of a file to the fields of a release, by the format of the file."""

from typing import Any

from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release.bound import Bound
from unlearnable_lightning.release.source import DataSource


def fields(header: dict[str, Any], tensors: dict[str, Tensor]) -> dict[str, Any]:
    """The arguments that build the release of a file.

    Raises:
        KeyError, TypeError, UnlearnableError: an entry is missing, too much, or of another type.
    """
    version = header["format"]
    entries = {key: value for key, value in header.items() if key != "format"}
    found = _of_format_1(entries) if version == 1 else entries
    found["source"] = DataSource(**found["source"])
    found["bound"] = _bound(found["bound"])
    # a header has no defaults: an entry that is not there was lost
    known = {"kind", "source", "made_by", "bound", "versions"}
    if found.keys() != known:
        raise UnlearnableError(f"its entries are {sorted(found)}, not {sorted(known)}")
    difference = tensors["noise" if version == 1 else "difference"]
    return found | {"difference": difference, "rows": tensors.get("rows")}


def _of_format_1(entries: dict[str, Any]) -> dict[str, Any]:
    """Format 1 knew one generator, one norm and int8 alone."""
    made_by = {
        "class_path": entries.pop("generator"),
        "arguments": entries.pop("generator_args"),
    } | {key: entries.pop(key) for key in ("seed", "rounds", "error", "finished")}
    bound = {"norm": entries.pop("norm"), "value": entries.pop("epsilon")}
    return entries | {"made_by": made_by, "bound": bound}


def _bound(entry: Any) -> Bound | None:
    if entry is None:
        return None
    bound = Bound(**entry)
    if isinstance(entry["value"], str):  # Python may write 8/255, a file holds the number
        raise UnlearnableError(f"the value of the bound is the text {entry['value']!r}")
    return bound
