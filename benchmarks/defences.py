"""What each defence of the leaderboard costs: its command on clean images, cut to a few steps."""

import os
import shlex
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any, ClassVar

import lightning as L
import yaml

from experiments.board.scores import Board, Treatment
from experiments.commands import train
from experiments.grid import read_grid
from experiments.training import Training
from unlearnable_lightning.cli import main
from unlearnable_lightning.report.text_table import markdown

PROFILE = Path("experiments/profiles/leaderboard-laptop.yaml")
WARM, STEPS, TURNS = 2, 6, 1  # batches of 128
CUT = {
    "trainer.max_steps": WARM + STEPS,
    "trainer.limit_val_batches": 0,
    "trainer.callbacks+": "benchmarks.defences.Clock",
    "trainer.enable_checkpointing": "false",
    "test_after_fit": "false",
}


class Clock(L.Callback):
    """Seconds per step, once the first steps are over, and when the first step began."""

    steps: ClassVar[list[float]] = []
    began: ClassVar[float] = 0.0

    def on_train_batch_start(
        self, trainer: L.Trainer, pl_module: L.LightningModule, batch: Any, batch_idx: int
    ) -> None:
        if batch_idx == 0:
            Clock.began = time.perf_counter()
        if batch_idx == WARM:
            self.warm = time.perf_counter()

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if batch_idx == WARM + STEPS - 1:
            Clock.steps.append((time.perf_counter() - self.warm) / STEPS)


def run() -> str:
    """A row per column of the board: the defences take turns, and what is before the first step is
    counted beyond what it takes without a defence."""
    profile = yaml.safe_load(PROFILE.read_text()) | {"data": os.environ["UNLEARNABLE_DATA"]}
    grid = read_grid(Path(profile["grid"]), profile["seeds"], victims=profile["victims"])
    board = Board(grid, {}, {}, {})
    seconds: dict[Treatment, list[tuple[float, float]]] = {each: [] for each in board.treatments}
    for turn in range(TURNS):
        for each in board.treatments[turn:] + board.treatments[:turn]:
            command = train(profile, grid, Training(board.clean, *each), 0)
            seconds[each].append(timed(command))
    step, once = (
        {each: median(turn[column] for turn in turns) for each, turns in seconds.items()}
        for column in (0, 1)
    )
    plain = board.treatments[0]
    epochs = {each: _epochs(train(profile, grid, Training(board.clean, *each), 0)) for each in step}
    rows = [
        [
            board.title(each),
            f"{1000 * step[each]:.0f}",
            f"{step[each] / step[plain]:.1f}",
            f"{max(0.0, once[each] - once[plain]):.0f}",
            epochs[each],
        ]
        for each in step
    ]
    return markdown(["defence", "ms per step", "× none", "once, s", "epochs on the board"], rows, 4)


def timed(command: str) -> tuple[float, float]:
    """Seconds of a step, and from the start of the command to its first step."""
    words = shlex.split(command)[1:]
    with tempfile.TemporaryDirectory() as folder:
        words += [f"--trainer.logger.init_args.save_dir={folder}"]
        start = time.perf_counter()
        main([*words, *(f"--{name}={value}" for name, value in CUT.items())])
    return Clock.steps.pop(), Clock.began - start


def _epochs(command: str) -> str:
    """Of the last `--trainer.max_epochs` of a command, or of the victim's config."""
    given = [after for word, after in pairwise(shlex.split(command)) if "max_epochs" in word]
    config = yaml.safe_load(Path("configs/laptop/train_full.yaml").read_text())
    return given[-1] if given else str(config["trainer"]["max_epochs"])
