"""Which class each file is of: by its folder, or by a table."""

import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.protect.tree import Skipped
from unlearnable_lightning.protect.words import shown

LEAST = 5
"""Pictures of a class. From fewer the surrogate learns the pictures and not the class."""


def by_folder(files: list[Path]) -> tuple[dict[Path, str], list[Skipped]]:
    """The class of each file: the first folder on its path; and the files that lie in none."""
    of = {path: path.parts[0] for path in files if len(path.parts) > 1}
    reason = "lies in no class folder; move it into one"
    return of, [Skipped(str(path), reason) for path in files if path not in of]


def by_table(files: list[Path], table: Path) -> tuple[dict[Path, str], list[Skipped]]:
    """The class of each file that the table names, and the files and rows without a partner.

    Args:
        files: relative to the folder of pictures.
        table: a CSV with a header and the columns `file` (relative to that folder) and `label`.

    Raises:
        UnlearnableError: no such table, text that is no UTF-8, or two labels for one file.
    """
    known = {_same(str(path)): path for path in files} | {str(path): path for path in files}
    of: dict[Path, str] = {}
    skipped = []
    for name, label in _rows(table):
        path = known.get(name) or known.get(_same(name))
        _check_text(label if path else name + label, table)
        if path is None:
            skipped.append(Skipped(name, f"named in {table.name}, but no picture to be found"))
        elif of.setdefault(path, label) != label:
            raise UnlearnableError(
                f"labels={table}: {shown(name)} has the labels {of[path] or None} and "
                f"{label or None}; a picture has one. Remove one of the two rows."
            )
    reason = f"not named in {table.name}"
    skipped += [Skipped(str(path), reason) for path in files if path not in of]
    reason = f"has no label in {table.name}"
    skipped += [Skipped(str(path), reason) for path, label in of.items() if not label]
    return {path: label for path, label in of.items() if label}, skipped


def _same(name: str) -> str:
    """One text for the ways to write a path: Windows' backslashes, ./ in front, and the accents
    that macOS keeps as characters of their own."""
    return unicodedata.normalize("NFC", name.strip().replace("\\", "/").removeprefix("./"))


def _rows(table: Path) -> list[tuple[str, str]]:
    try:
        # Excel begins a file with a byte order mark; a name of a file may have any bytes
        text = table.read_bytes().decode("utf-8-sig", "surrogateescape")
        # lines as they are: a name in quotes may hold a line break
        first, *_ = text.splitlines() or [""]
        reader = csv.DictReader(io.StringIO(text, ""), delimiter=";" if ";" in first else ",")
        rows = list(reader)
    except OSError as error:
        raise UnlearnableError(f"labels={table} cannot be read ({error.strerror}).") from error
    except csv.Error as error:
        raise UnlearnableError(f"labels={table} is no CSV ({error}). Save it as CSV.") from error
    columns = {(name or "").strip().lower(): name for name in reader.fieldnames or []}
    if not {"file", "label"} <= set(columns):
        _check_text(first, table)
        raise UnlearnableError(
            f"labels={table} begins with {first.strip()!r}; its first line must name the columns "
            "file and label. Write file,label there."
        )
    cells = ([row[columns[name]] or "" for name in ("file", "label")] for row in rows)
    return [(file, label.strip()) for file, label in cells if file.strip()]


def _check_text(text: str, table: Path) -> None:
    """Refuses bytes that are no UTF-8, unless they are the name of a file that is there."""
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise UnlearnableError(
            f"labels={table} is no text in UTF-8 ({shown(text.strip())}). Save it as CSV in UTF-8."
        )


def check_two(labels: Iterable[str], where: str) -> None:
    """Refuses one class, or none.

    Args:
        labels: of each picture.
        where: what the error message calls the pictures.

    Raises:
        UnlearnableError: says how to make two.
    """
    names = set(labels)
    if len(names) < 2:
        has = f"one class ({shown(next(iter(names)))})" if names else "no class"
        raise UnlearnableError(
            f"{where} has pictures of {has}; the noise tells a network which class a picture is "
            "of, so there must be two at least. Put the pictures into a folder per class (by "
            "person, place or subject), or name their classes in a table: --labels FILE.csv."
        )


def check_enough(labels: Iterable[str], where: str) -> None:
    """Refuses a class with fewer than `LEAST` pictures; arguments as for `check_two`.

    Raises:
        UnlearnableError: says how many are needed, and why.
    """
    counts = Counter(labels)
    few = [f"{shown(name)} ({count})" for name, count in sorted(counts.items()) if count < LEAST]
    if few:
        raise UnlearnableError(
            f"{where}: {', '.join(few)} of {len(counts)} classes have fewer than {LEAST} pictures "
            "that can be read. Noise is made on a network that learns the classes, and from fewer "
            f"it learns the single pictures instead. Add pictures until each has {LEAST} (50 are "
            "better), or take these classes out."
        )
