"""The steps of a job, each of which a later call finds done: noise, pictures, check, report."""

import csv
import io
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from unlearnable_lightning.files import replacing
from unlearnable_lightning.noise import ClosedForm, NoiseDriver
from unlearnable_lightning.protect.arguments import Arguments
from unlearnable_lightning.protect.check import Checked, check
from unlearnable_lightning.protect.given import GivenImages
from unlearnable_lightning.protect.job import read_json, write_json
from unlearnable_lightning.protect.make import levels_of, make_noise
from unlearnable_lightning.protect.page import Facts, page
from unlearnable_lightning.protect.picture import open_picture
from unlearnable_lightning.protect.sheet import Row, row
from unlearnable_lightning.protect.tree import Skipped
from unlearnable_lightning.protect.words import shown
from unlearnable_lightning.protect.working import Working
from unlearnable_lightning.protect.write import Done, Writer

_BATCH = 64
_ROWS_OF_SHEET = 6


class Steps:
    """Does what is left to do.

    Args:
        given: of the command.
        method: what makes the noise.
        source: the folder of pictures.
        out: the new folder.
        side: the folder of the report.
        working: the pictures at the working size.
        say: is told what is done.
    """

    def __init__(
        self,
        given: Arguments,
        method: ClosedForm | NoiseDriver,
        source: Path,
        out: Path,
        side: Path,
        working: Working,
        say: Callable[[str], None],
    ) -> None:
        self.given, self.method, self.working, self.say = given, method, working, say
        self.source, self.out, self.side = source, out, side

    def run(self, names: dict[Path, Path], checks: bool) -> Path:
        """All steps; returns the path of the report.

        Args:
            names: the new path of each picture, both relative.
            checks: whether networks are trained on the result.
        """
        working, given = self.working, self.given
        self.say(f"{len(working.paths)} pictures in {len(working.names)} classes")
        levels = self._levels()
        writer = Writer(self.source, self.out, self.side / "pictures.jsonl", given.keep_metadata)
        of_path = dict(zip(working.paths, levels, strict=True))
        done = writer.write(names, of_path, given.limit)
        if given.labels is not None:
            self._write_labels(done)
        checked = self._checked(done) if checks else None
        path = self.side / "report.html"
        with replacing(path) as file:
            file.write(page(self._facts(done, checked)).encode("utf-8"))
        return path

    def _levels(self) -> Tensor:
        """The noise of each picture, int16 [N, 3, s, s]."""
        given, working = self.given, self.working
        classes = len(working.names)
        data = GivenImages(working.images, working.labels, classes, batch_size=_BATCH)
        self.say(f"noise: {given.method}")
        release = make_noise(self.method, data, given.rounds, self.side / "noise")
        return levels_of(release, working.labels, given.limit)

    def _checked(self, done: list[Done]) -> Checked | None:
        path = self.side / "check.json"
        if path.exists():
            return Checked(**read_json(path))
        rows = torch.tensor([place for place, each in enumerate(done) if each.name])
        working = self.working
        files = [self.out / done[int(place)].name for place in rows]
        images, labels = working.images[rows], working.labels[rows]
        checked = check(images, labels, files, self.given.seed, self.say)
        write_json(path, asdict(checked))
        return checked

    def _write_labels(self, done: list[Done]) -> None:
        """The table of labels with the new names."""
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(["file", "label"])
        for each, label in zip(done, self.working.labels.tolist(), strict=True):
            if each.name:
                rows.writerow([each.name, self.working.names[label]])
        with replacing(self.side / "labels.csv") as file:
            file.write(text.getvalue().encode("utf-8", "surrogateescape"))

    def _facts(self, done: list[Done], checked: Checked | None) -> Facts:
        lost = [Skipped(each.path, "; ".join(each.notes)) for each in done if not each.name]
        classes = [self.working.names[label] for label in self.working.labels.tolist()]
        folders = (shown(self.source), shown(self.out), shown(self.side))
        skipped = [*self.working.skipped, *lost]
        rows = self._sheet(done)
        arguments = {name: value for name, value in self.given.deciding().items() if value != {}}
        del arguments["source"]
        return Facts(*folders, arguments, classes, done, skipped, rows, checked)

    def _sheet(self, done: list[Done]) -> list[Row]:
        """The first picture of each class, of some classes."""
        labels = self.working.labels.tolist()
        first: dict[int, Done] = {}
        for label, each in zip(labels, done, strict=True):
            if each.name:
                first.setdefault(label, each)
        return [
            row(
                shown(each.path),
                open_picture(self.source / each.path),
                open_picture(self.out / each.name),
            )
            for each in [first[label] for label in sorted(first)][:_ROWS_OF_SHEET]
        ]
