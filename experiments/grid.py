"""What is trained: the rows of a grid's YAML that a profile keeps, with its seeds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.cells import Cell, read_cells
from experiments.names import Names, read_names
from experiments.training import Training
from experiments.yaml_file import read_yaml
from unlearnable_lightning.errors import UnlearnableError

_SECTIONS = (
    *("clean", "noises", "priors", "defences", "victims", "choices", "augmentations"),
    *("rows", "core", "page", "claims"),
)


@dataclass(frozen=True)
class Grid:
    """The trainings of a profile.

    Attributes:
        names: the entries of the grid.
        rows: every number of the grid, whether or not the profile keeps it.
        seeds: of the core rows; the first of them runs the others.
        only: for each of Training's attributes the values to keep; what it does not name is kept.
        victims: those of the grid to keep; None keeps all.
        core: the core rows alone.
        done: the runs to keep, None for all: for a page before the end.
        file: the YAML.
        page: the YAML with the words of its page, if there is one.
        claims: the YAML with claims about its numbers, if there is one.
    """

    names: Names
    rows: tuple[Cell, ...]
    seeds: Sequence[int]
    only: Mapping[str, Sequence[str]] = field(default_factory=dict)
    victims: Sequence[str] | None = None
    core: bool = False
    done: frozenset[tuple[Training, int]] | None = None
    file: Path = Path()
    page: Path | None = None
    claims: Path | None = None

    def cells(self) -> list[Cell]:
        """The numbers that this grid answers."""
        done = None if self.done is None else {training for training, _ in self.done}
        return [
            cell
            for cell in self._of_the_profile()
            if (cell.core or not self.core) and (done is None or cell.training in done)
        ]

    def _of_the_profile(self) -> Iterator[Cell]:
        """Those that `only` and `victims` keep."""
        left_out = set(self.names.victims) - set(
            self.names.victims if self.victims is None else self.victims
        )
        for cell in self.rows:
            names: Any = vars(cell.training)
            kept = all(names[key] in values for key, values in self.only.items())
            if kept and cell.training.training not in left_out:
                yield cell

    def runs(self) -> Iterator[tuple[Training, int]]:
        """Every training with each of its seeds, the core rows first, those that weights come from
        last."""
        wanted = self.cells()
        core = dict.fromkeys(cell.training for cell in wanted if cell.core)
        rest = dict.fromkeys(cell.training for cell in wanted if cell.training not in core)
        runs = [(training, seed) for training in core for seed in self.seeds]
        runs += [(training, self.seeds[0]) for training in rest]
        runs += [run for run in self._pretrainings(runs) if run not in runs]
        yield from (run for run in runs if self.done is None or run in self.done)

    def pretraining_runs(self) -> list[tuple[Training, int]]:
        """Those that a victim's weights come from; each has the first seed."""
        return self._pretrainings(self.runs())

    def _pretrainings(self, runs: Iterable[tuple[Training, int]]) -> list[tuple[Training, int]]:
        needed = dict.fromkeys(self.names.pretraining(training) for training, _ in runs)
        return [(training, self.seeds[0]) for training in needed if training is not None]

    def attacks(self, training: Training) -> list[str]:
        """Those that its test tries: the same in a part of the grid as in the whole, so that no
        run is repeated when the rest is run too."""
        tried = {cell.attack for cell in self._of_the_profile() if cell.training == training}
        return sorted(tried - {"none"})

    def noises(self) -> list[str]:
        """Those that its trainings need."""
        names = dict.fromkeys(training.train_data for training, _ in self.runs())
        return [name for name in names if name in self.names.noises]

    def published_errors(self) -> dict[Training, float]:
        """The published clean error in per cent of each training; of a single seed."""
        return {
            cell.training: cell.value
            for cell in self.rows
            if (cell.attack, cell.metric) == ("none", "error_pct") and cell.value is not None
        }


def read_grid(
    file: Path,
    seeds: Sequence[int],
    only: Mapping[str, Sequence[str]] | None = None,
    core: bool = False,
    victims: Sequence[str] | None = None,
) -> Grid:
    """A grid from its YAML; the files that it names lie where it says, seen from its own folder.

    Args:
        file: one of `grids/`.
        seeds: of the profile.
        only: of the profile.
        core: the core rows alone.
        victims: of the profile.

    Raises:
        UnlearnableError: the YAML has an unknown key or name, or lacks one.
    """
    given = read_yaml(file)
    for section in set(given) - set(_SECTIONS):
        raise UnlearnableError(f"{file}: unknown key {section!r}: give {', '.join(_SECTIONS)}.")
    names = read_names(given)
    rows = read_cells(given, names, file.parent)
    beside = {key: file.parent / given[key] for key in ("page", "claims") if key in given}
    grid = Grid(names, rows, seeds, only or {}, victims, core, file=file, **beside)
    _check_only(grid)
    _check_victims(grid)
    return grid


def _check_only(grid: Grid) -> None:
    for key, values in grid.only.items():
        if key not in Training.__dataclass_fields__:
            raise UnlearnableError(
                f"only: unknown key {key!r}: give {', '.join(Training.__dataclass_fields__)}."
            )
        known = dict.fromkeys(getattr(cell.training, key) for cell in grid.rows)
        for value in values:
            if value not in known:
                raise UnlearnableError(
                    f"only: {key}: {value!r} is in no row of {grid.file} ({', '.join(known)}): "
                    "correct the name, or add such a row."
                )


def _check_victims(grid: Grid) -> None:
    for name in grid.victims or ():
        if name not in grid.names.victims:
            raise UnlearnableError(
                f"victims: {name!r} is no entry of victims of {grid.file} "
                f"({', '.join(grid.names.victims)}): correct the name, or add it there."
            )
