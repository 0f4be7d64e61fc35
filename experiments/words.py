"""The words, tables and pictures of a grid's page, from its YAML."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from experiments.grid import Grid
from experiments.training import Training
from experiments.yaml_file import read_yaml
from unlearnable_lightning.errors import UnlearnableError

Panels = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A picture of the page.

    Attributes:
        drawn_by: a module of `experiments/figures`.
        title: its heading.
        caption: below it.
        source: a table; the picture is left out of a page that has no row of it.
        needs_noise: whether it is left out of a page without any noise.
        shown: the training whose model or images it shows; its weights are kept, and the picture is
            left out of a page without it.
        train_data: what is drawn, in this order; all of the grid if it is left out.
        panels: by title, what the module draws in a panel.
        without: the training of all bars, the augmentation that theirs is added to, and the label
            of its line.
    """

    drawn_by: str
    title: str
    caption: str = ""
    source: str | None = None
    needs_noise: bool = False
    shown: Training | None = None
    train_data: tuple[str, ...] = ()
    panels: Panels = field(default_factory=dict)
    without: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Words:
    """What a page says beside its numbers.

    Attributes:
        title: of the page.
        published: whose the published numbers are.
        core: which rows are the core.
        legend: of the labels.
        tables: the title of each source, in the order of the page; sources that are not named
            follow without a title.
        figures: by the name of their file, in the order of the page.
        written_by: the module of `experiments` that writes the page.
        curves: whether the page shows the curves of every run.
        published_none: by the title of a column of a leaderboard, what others report for a noise
            without a defence.
        published_tables: the same for whole tables, by title, column and the noise's name there.
    """

    title: str
    published: str = ""
    core: str = ""
    legend: str = ""
    tables: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    written_by: str = "page"
    curves: bool = False
    published_none: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    published_tables: Mapping[str, Mapping[str, Mapping[str, float]]] = field(default_factory=dict)


def read_words(grid: Grid) -> Words:
    """The words of a grid's page; without a YAML of words, a title alone.

    Raises:
        UnlearnableError: a key or a name is unknown, or a key is missing.
    """
    if grid.page is None:
        return Words(title=f"the grid `{grid.file.stem}`")
    given = read_yaml(grid.page)
    _check(Words, grid.page, "the page", given)
    figures = {
        name: _figure(grid, grid.page, name, keys)
        for name, keys in given.get("figures", {}).items()
    }
    words = Words(**{**given, "figures": figures})
    if find_spec(f"experiments.{words.written_by}") is None:
        raise UnlearnableError(
            f"{grid.page}: written_by={words.written_by!r} is no module of experiments: correct "
            "the name, or add such a file."
        )
    return words


def _figure(grid: Grid, file: Path, name: str, keys: dict[str, Any]) -> Figure:
    _check(Figure, file, name, keys)
    keys = {**keys, "train_data": tuple(keys.get("train_data", grid.names.data()))}
    if not Path(__file__).with_name("figures").joinpath(f"{keys['drawn_by']}.py").is_file():
        raise UnlearnableError(
            f"{file}: {name}: drawn_by={keys['drawn_by']!r} is no module of experiments/figures: "
            "correct the name, or add such a file."
        )
    if "shown" in keys:
        keys["shown"] = Training(**keys["shown"])
        grid.names.check(keys["shown"], f"{file}: {name}")
    for data in keys["train_data"]:
        if data not in grid.names.data():
            raise UnlearnableError(
                f"{file}: {name}: {data!r} is no entry of clean or noises "
                f"({', '.join(grid.names.data())}): add it to {grid.file}, or correct the name."
            )
    return Figure(**keys)


def _check(kind: type[Words] | type[Figure], file: Path, name: str, keys: dict[str, Any]) -> None:
    known = {each.name: each for each in fields(kind)}
    for key in set(keys) - set(known):
        raise UnlearnableError(f"{file}: {name}: unknown key {key!r}: give {', '.join(known)}.")
    for key, about in known.items():
        needed = about.default is MISSING and about.default_factory is MISSING
        if needed and key not in keys:
            raise UnlearnableError(f"{file}: {name}: {key!r} is missing: add it.")
