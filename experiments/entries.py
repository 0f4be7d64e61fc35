"""The entries of a grid: what its names stand for as arguments, labels, colours and folders.

An entry is a line of the grid's YAML, `name: {config: …, arguments: …, label: …, colour: …}`.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar

from matplotlib.colors import is_color_like

from unlearnable_lightning.errors import UnlearnableError


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What every entry has.

    Attributes:
        name: in the table of results and in the grid's rows.
        label: on the page and in its pictures; the name if it is left out.
        colour: in pictures, as Matplotlib writes it; Matplotlib chooses if it is left out.
        folder: part of the path of its runs; the name if it is left out.
        arguments: of `unlearnable fit`, after those of the profile.
    """

    name: str
    label: str
    folder: str
    colour: str | None = None
    arguments: str = ""


@dataclass(frozen=True, kw_only=True)
class CleanImages(Entry):
    """Images without noise.

    Attributes:
        images: which of the profile's `train` and `files` are about them.
    """

    images: str


@dataclass(frozen=True, kw_only=True)
class NoiseEntry(Entry):
    """A noise that is made.

    Attributes:
        config: which of the profile's `noise` it begins with.
        laid_on: the entry of `clean` that it changes; the first of them if it is left out.
    """

    config: str
    laid_on: str


@dataclass(frozen=True, kw_only=True)
class Defence(Entry):
    """How a victim trains.

    Attributes:
        config: which of the profile's `train` it begins with.
    """

    config: str


@dataclass(frozen=True, kw_only=True)
class Victim(Defence):
    """Another network, which trains without a defence.

    Attributes:
        weights_of: the training whose last weights it starts from, by the names of `Training`; the
            workflow runs it first. Left out: its weights are drawn.
    """

    weights_of: Mapping[str, str] = field(default_factory=dict)


class Augmentation(Entry):
    """What happens to a batch of images, label-free."""


AnyEntry = TypeVar("AnyEntry", bound=Entry)


def read_entries(
    kind: type[AnyEntry], section: str, given: Any, defaults: Mapping[str, str] | None = None
) -> dict[str, AnyEntry]:
    """The entries of a section of the YAML, by name.

    Args:
        kind: of entry.
        section: its name, for messages.
        given: what the YAML says: keys by name.
        defaults: of keys that an entry may leave out.

    Raises:
        UnlearnableError: a key is unknown or missing, or a folder does not suit a path or is
            that of another entry.
    """
    if not isinstance(given, dict):
        raise UnlearnableError(f"{section}: {given!r}: give entries, `name: {{key: value}}`.")
    entries = {
        str(name): _entry(kind, f"{section}: {name}", str(name), defaults or {}, keys)
        for name, keys in given.items()
    }
    folders: dict[str, str] = {}
    for name, entry in entries.items():
        other = folders.setdefault(entry.folder, name)
        if other != name:
            raise UnlearnableError(
                f"{section}: {other} and {name} have one folder, {entry.folder!r}, so their runs "
                "would overwrite each other: give one of them another `folder`."
            )
    return entries


def _entry(
    kind: type[AnyEntry], where: str, name: str, defaults: Mapping[str, str], given: Any
) -> AnyEntry:
    given = given or {}
    if not isinstance(given, dict):
        raise UnlearnableError(f"{where}: {given!r}: give `{{key: value}}`.")
    keys = {each.name: each for each in fields(kind) if each.name != "name"}
    for key in set(given) - set(keys):
        raise UnlearnableError(f"{where}: unknown key {key!r}: give {', '.join(keys)}.")
    given = {key: value for key, value in given.items() if value is not None}
    arguments: dict[str, Any] = {"label": name, "folder": name, **defaults, **given}
    for key, about in keys.items():
        required = about.default is MISSING and about.default_factory is MISSING
        if required and key not in arguments:
            raise UnlearnableError(f"{where}: {key!r} is missing: add it.")
    for key, value in arguments.items():
        for text in value.values() if isinstance(value, dict) else [value]:
            if not isinstance(text, str):
                raise UnlearnableError(f"{where}: {key}: {text!r} is no text: write it in quotes.")
    entry = kind(name=name, **arguments)
    _check_folder_and_colour(where, entry)
    return entry


def _check_folder_and_colour(where: str, entry: Entry) -> None:
    if not re.fullmatch(r"[\w+-][\w.+-]*", entry.folder):
        raise UnlearnableError(
            f"{where}: {entry.folder!r} is no folder that a shell takes as it is: give a "
            "`folder` of letters, digits and . _ -, which does not begin with a dot."
        )
    if entry.colour is not None and not is_color_like(entry.colour):
        raise UnlearnableError(
            f"{where}: {entry.colour!r} is no colour: give a name or '#rrggbb', in quotes."
        )
