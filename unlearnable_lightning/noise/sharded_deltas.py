"""Deltas of images that are not in memory: each rank keeps those of its own images in a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch import Tensor

from unlearnable_lightning.data.share import Share
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.delta_files import (
    DeltaFiles,
    create,
    describe,
    name_of,
    round_of,
)
from unlearnable_lightning.noise.deltas import Deltas
from unlearnable_lightning.noise.first_noise import first_noise
from unlearnable_lightning.release import DataSource
from unlearnable_lightning.rows import PIECE, FileRows
from unlearnable_lightning.run import gather


class ShardedDeltas(Deltas):
    """Sample-wise deltas in files, one for each rank and round.

    A round writes into files of its own, row by row; those of the round before stay until a
    checkpoint names the new ones. A broken round is therefore the one before it.

    Args:
        before: what a checkpoint or an earlier fit gave.
        trainer: of this fit.
        folder: of the files; all ranks must see it.
        elsewhere: folders where the files may lie that a checkpoint names.
    """

    def __init__(
        self, before: Deltas, trainer: L.Trainer, folder: Path, elsewhere: list[Path]
    ) -> None:
        super().__init__(False, before.epsilon)
        self.rounds, self.error = before.rounds, before.error
        self.source_sha256, self.delta, self.files = before.source_sha256, None, before.files
        self.held_before = before.delta
        self.trainer, self.folder = trainer, folder
        self.folders = [folder, *elsewhere]
        self.saved = [each["file"] for each in self.files or []]  # by the last checkpoint
        self.written = torch.zeros(0, dtype=torch.bool)  # of this round, by place in the file
        self.next: FileRows | None = None  # the file of this round, once it has a row

    @property
    def empty(self) -> bool:
        """Never: it is made where noise begins."""
        return False

    def begin(
        self,
        source: DataSource,
        shape: tuple[int, ...],
        init: str,
        seed: int,
        device: torch.device,
        anew: bool = False,
    ) -> None:
        """As in `Deltas`; the first noise is the same on any number of ranks."""
        self.device, self.shape = device, (source.shape[0], *shape)
        self.share = Share(source.shape[0], self.trainer.world_size)
        self.own = self.share.owner == self.trainer.global_rank
        self.mine = self.own.nonzero().flatten()
        first = self._draws(init, seed)
        if anew and self.rounds:
            self._fill(self._next(), first)
            self.written.fill_(True)
        elif self.rounds == 0:  # a first round may have broken off
            self.source_sha256, self.files = source.sha256, None
            self.now = self._file(0)
            self._fill(self.now, first)
        else:
            self.check_source(source)
            self._take_over()
        self.held_before = None

    def check_source(self, source: DataSource) -> None:
        """As in `Deltas`."""
        self._check_sha256(source)

    def rows(self, batch: dict[str, Tensor]) -> Tensor:
        """As in `Deltas`, of images of this rank."""
        places = self._places(batch)
        found = self.now.read(places)
        if self.next is not None:
            written = self.written[places]
            found[written] = self.next.read(places[written])
        # made within a larger epsilon, perhaps; else nothing changes
        return found.clamp_(-self.epsilon, self.epsilon).to(self.device).float()

    def write(self, batch: dict[str, Tensor], delta: Tensor) -> None:
        """As in `Deltas`, of images of this rank."""
        places = self._places(batch)
        self._next().write(places, delta.half())
        self.written[places] = True

    def settle(self) -> None:
        """Ends a round: what was not written in it is taken over, and its files get their
        checksums. To be called on every rank."""
        if self.next is not None:
            for places in (~self.written).nonzero().flatten().split(self._at_once()):
                self.next.write(places, self.now.read(places))
            self.now.close()
            self.now, self.next, self.files = self.next, None, None
        if self.files is None:
            self.now.sync()
            self.files = gather(self.trainer, describe(self.now))

    def everything(self) -> DeltaFiles:
        """The deltas of all ranks after the last whole round."""
        if self.files is None:
            raise UnlearnableError(
                "this generator has finished no round, so there is no noise yet: let fit go on."
            )
        names = [each["file"] for each in self.files]
        return DeltaFiles(self.folder, names, self.shape[0], self.shape[1:])

    def tidy(self) -> None:
        """Removes the files that neither this round nor the last checkpoint needs."""
        if self.trainer.is_global_zero and self.files is not None:
            kept = {*self.saved, *(each["file"] for each in self.files)}
            for path in self.folder.glob("*.f16"):
                made = round_of(path.name)
                if made is not None and made <= self.rounds and path.name not in kept:
                    path.unlink(missing_ok=True)

    def state_dict(self) -> dict[str, Any]:
        """As in `Deltas`: names and checksums of the files in the place of the deltas."""
        state = super().state_dict() | {"unsettled": self.next is not None}
        if state["files"] is not None:
            self.saved = [each["file"] for each in state["files"]]
        return state

    # --- files ----------------------------------------------------------------------------------
    def _places(self, batch: dict[str, Tensor]) -> Tensor:
        index = batch["index"].cpu()
        assert self.own is not None
        assert self.own[index].all(), "an image of another rank"
        return self.share.place[index]

    def _file(self, rounds: int) -> FileRows:
        rank, ranks = self.trainer.global_rank, self.trainer.world_size
        name = name_of(rounds, rank, ranks)
        return create(self.folder / name, (len(self.mine), *self.shape[1:]))

    def _next(self) -> FileRows:
        if self.next is None:
            self.next = self._file(self.rounds + 1)
            self.written = torch.zeros(len(self.mine), dtype=torch.bool)
        return self.next

    def _at_once(self) -> int:
        numbers = 1
        for size in self.shape[1:]:
            numbers *= size
        return max(1, PIECE // (4 * numbers))

    def _fill(self, file: FileRows, deltas: Callable[[int, int], Tensor]) -> None:
        """Writes this rank's rows of what `deltas` gives for images from start to end."""
        assert self.own is not None
        for start in range(0, self.shape[0], self._at_once()):
            end = min(start + self._at_once(), self.shape[0])
            some, own = deltas(start, end), self.own[start:end]
            file.write(self.share.place[start:end][own], some[own])

    def _draws(self, init: str, seed: int) -> Callable[[int, int], Tensor]:
        """The first noise, drawn in order: the numbers that `Deltas` draws at one go (of a normal
        distribution if an image has a multiple of 16 values: torch draws 16 at a time)."""
        generator = torch.Generator().manual_seed(seed)

        def draw(start: int, end: int) -> Tensor:
            shape = (end - start, *self.shape[1:])
            return first_noise(init, shape, self.epsilon, generator).half()

        return draw

    def _take_over(self) -> None:
        """Goes on with what a checkpoint names, or an earlier fit left."""
        refusal = None
        try:
            self._read_before()
        except UnlearnableError as error:
            refusal = str(error)
        refusals = [each for each in gather(self.trainer, refusal) if each]
        if refusals:  # on all ranks, or the others would wait for this one
            raise UnlearnableError(refusals[0])
        self.settle()

    def _read_before(self) -> None:
        if self.held_before is not None:
            held = self.held_before
            self._check_shape(tuple(held.shape))
            self.files, self.now = None, self._file(self.rounds)
            self._fill(self.now, lambda start, end: held[start:end].cpu())
            return
        assert self.files is not None
        old = DeltaFiles.found(self.folders, self.files, self.shape[0], self.shape[1:])
        rank, ranks = self.trainer.global_rank, self.trainer.world_size
        in_place = len(old.files) == ranks and old.files[0].path.parent == self.folder
        for number, each in enumerate(self.files):
            if number == rank or not in_place:
                old.check(number, each["sha256"])
        if in_place:
            self.now = old.files[rank]
            return
        self.files, self.now = None, self._file(self.rounds)
        for rows in self.mine.split(self._at_once()):
            self.now.write(self.share.place[rows], old.read(rows))
