"""What the runs of a leaderboard found, looked up by noise and treatment."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import pandas as pd

from experiments import results
from experiments.board.curves import Curves, read_curves
from experiments.claim import share_lost
from experiments.commands import anywhere, noise
from experiments.grid import Grid
from experiments.training import Training


class Treatment(NamedTuple):
    """How a victim trains, whatever its images: a column of the board."""

    training: str
    augmentation: str


@dataclass(frozen=True)
class Score:
    """A cell.

    Attributes:
        last: accuracy in per cent after the last epoch, by seed.
        best: of the epoch with the best clean validation accuracy, by seed.
        seconds: of the training and its test, mean over the seeds.
        device: what it ran on; several are joined with "and".
    """

    last: Mapping[int, float]
    best: Mapping[int, float]
    seconds: float
    device: str = ""


@dataclass(frozen=True)
class Board:
    """All cells; those that are not run yet are not there.

    Attributes:
        grid: of the board.
        scores: by training.
        noise_facts: of each noise by metric: `seconds` that it took, and what it changes.
        chosen: by training, accuracy in per cent of the weights that a rule chose, by their name:
            `best_knee` and the like; mean over the seeds.
        curves: of a training's first seed, by the name of a score the points (epoch, value).
        chance: accuracy of a guess, in per cent.
    """

    grid: Grid
    scores: Mapping[Training, Score]
    noise_facts: Mapping[str, Mapping[str, float]]
    curves: Mapping[Training, Curves]
    chosen: Mapping[Training, Mapping[str, float]] = field(default_factory=dict)
    chance: float = 10.0

    @property
    def clean(self) -> str:
        """The images that noise is compared with."""
        return next(iter(self.grid.names.clean))

    @property
    def noises(self) -> list[str]:
        """The rows without the clean one, as the grid lists them, that the profile keeps."""
        kept = {cell.training.train_data for cell in self.grid.cells()}
        return [name for name in self.grid.names.noises if name in kept]

    @property
    def treatments(self) -> list[Treatment]:
        """The columns, in the order of the grid's rows; the first is the one without a defence."""
        return self._columns(self.grid.names.defences)

    @property
    def victims(self) -> list[Treatment]:
        """The columns of the second table: the victim of the first without a defence, then other
        networks; empty if the grid has no other."""
        others = self._columns(self.grid.names.victims)
        return [self.treatments[0], *others] if others else []

    @property
    def choices(self) -> list[Treatment]:
        """The trainings that show several choices of an epoch."""
        return self._columns(self.grid.names.choices)

    def _columns(self, names: Collection[str]) -> list[Treatment]:
        kept = (cell.training for cell in self.grid.cells() if cell.training.training in names)
        return list(dict.fromkeys(Treatment(each.training, each.augmentation) for each in kept))

    @property
    def defences(self) -> list[Treatment]:
        """The columns that a defender of the victim would choose from: training without any
        augmentation is a control."""
        return [each for each in self.treatments[1:] if each.augmentation != "none"]

    def score(self, data: str, treatment: Treatment) -> Score | None:
        """A cell; None if it is not run yet."""
        return self.scores.get(Training(data, *treatment))

    def accuracy(self, data: str, treatment: Treatment) -> float | None:
        """Mean of a cell after the last epoch."""
        found = self.score(data, treatment)
        return None if found is None else mean(found.last.values())

    def share_taken(self, noise: str, treatment: Treatment) -> float | None:
        """Of the accuracy above chance that clean images give under the same treatment, the part
        that the noise takes; over the seeds that both have. None if there is none, or if clean
        images give no more than a guess."""
        found, clean = self.score(noise, treatment), self.score(self.clean, treatment)
        if found is None or clean is None:
            return None
        both = found.last.keys() & clean.last.keys()
        seeds = [seed for seed in sorted(both) if clean.last[seed] > self.chance]
        shares = [
            share_lost(100 - clean.last[seed], 100 - found.last[seed], 100 - self.chance)
            for seed in seeds
        ]
        return mean(shares) if shares else None

    def points_taken(self, noise: str) -> float | None:
        """Of the accuracy without a defence, in per cent, mean over all seeds of both."""
        found = self.accuracy(noise, self.treatments[0])
        clean = self.accuracy(self.clean, self.treatments[0])
        return None if found is None or clean is None else clean - found

    def noise_commands(self, profile: dict[str, Any]) -> list[str]:
        """The commands that made the noises of the board, wherever that was."""
        return [
            noise(anywhere(profile), self.grid, name, self.grid.seeds[0])
            for name in self.noises
            if name in self.noise_facts
        ]

    def strongest_defence(self, noise: str) -> Treatment | None:
        """The one with the highest accuracy on this noise."""
        known = {each: self.accuracy(noise, each) for each in self.defences}
        found = {each: value for each, value in known.items() if value is not None}
        return max(found, key=lambda each: found[each]) if found else None

    def strongest_noise(self, treatment: Treatment) -> str | None:
        """The one that takes the largest share under this treatment."""
        known = {each: self.share_taken(each, treatment) for each in self.noises}
        found = {each: value for each, value in known.items() if value is not None}
        return max(found, key=lambda each: found[each]) if found else None

    def cost(self, treatment: Treatment) -> float | None:
        """How many times as long as without a defence it trains on clean images; None if one of
        the two is not run, or on another device than the other."""
        plain, clean = (self.score(self.clean, each) for each in (self.treatments[0], treatment))
        if plain is None or clean is None or plain.device != clean.device:
            return None
        return clean.seconds / plain.seconds

    def label(self, data: str) -> str:
        """Of clean images or a noise."""
        return self.grid.names.data_entry(data).label

    def title(self, treatment: Treatment) -> str:
        """Of a column: the defence and what is done to the pixels, without what the first column
        does, such as crop + flip."""
        training = Training(self.clean, *treatment)
        _, defence, pixels = self.grid.names.labels(training)
        base = set(self.treatments[0].augmentation.split("+"))
        words = [word for word in pixels.split("+") if word not in base]
        plain = self.grid.names.labels(Training(self.clean, *self.treatments[0]))[1]
        words += [defence] if defence != plain else []
        return " + ".join(words) or "no defence"

    def victim_title(self, treatment: Treatment) -> str:
        """Of a column of the second table."""
        if treatment == self.treatments[0]:
            return "the victim above"
        return self.grid.names.victims[treatment.training].label


def read_board(table: Path, grid: Grid) -> Board:
    """The board of a table of all runs, with the curves beside it.

    Args:
        table: that `results.write` wrote.
        grid: whose board it is; the names of runs that it does not have are left out.
    """
    return replace(board_of(results.read_all(table), grid), curves=read_curves(table, grid))


def board_of(table: pd.DataFrame, grid: Grid) -> Board:
    """The board of a table of all runs, without curves.

    Args:
        table: from `results.read_all`.
        grid: as in `read_board`.
    """
    read = results.trainings(table)
    clean = read[(read["attack"] == "none") & (read["metric"] == "error_pct")]
    scores = {
        run: Score(
            last=_accuracy_by_seed(rows, "last"),
            best=_accuracy_by_seed(rows, "best"),
            seconds=rows["wall_s"].mean(),
            device=" and ".join(sorted(set(rows["device"].dropna()))),
        )
        for run, rows in clean.groupby("run", sort=False)
    }
    facts = _noise_facts(table)
    return Board(replace(grid, done=None, core=False), scores, facts, {}, _chosen(read))


def _chosen(read: pd.DataFrame) -> dict[Training, dict[str, float]]:
    rows = read[read["metric"].astype(str).str.startswith(results.CHOSEN)]
    found: dict[Training, dict[str, float]] = {}
    for (run, metric), group in rows.groupby(["run", "metric"], sort=False):
        name = metric.removeprefix(results.CHOSEN)
        found.setdefault(run, {})[name] = 100 - float(group["last"].mean())
    return found


def _accuracy_by_seed(rows: pd.DataFrame, weights: str) -> dict[int, float]:
    """In per cent; a table with noises has seeds like 0.0."""
    known = rows.dropna(subset=[weights])
    return {int(row["seed"]): 100 - row[weights] for _, row in known.iterrows()}


def _noise_facts(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    facts: dict[str, dict[str, float]] = {}
    for name, rows in table[table["training"] == results.NOISE].groupby("train_data"):
        found = rows.groupby("metric")["last"].mean().dropna().to_dict()
        facts[str(name)] = {"seconds": rows["wall_s"].mean(), **found}
    return facts
