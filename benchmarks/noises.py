"""What each noise of the leaderboard costs, and how that grows with the number of images."""

import csv
import os
import resource
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import yaml

from experiments.commands import noise, noise_folder
from experiments.grid import read_grid
from unlearnable_lightning.report.text_table import markdown

PROFILE = Path("experiments/profiles/leaderboard-laptop.yaml")
FEW, ALL = 5_000, 50_000
HEAD = ["noise", f"{FEW:,} images, CPU-s", f"{ALL:,} images, CPU-s", "times as much"]
HEAD += ["ms per image more", f"{FEW:,}: peak MiB", f"{ALL:,}: peak MiB"]


@dataclass(frozen=True)
class Cost:
    """Of a process: seconds of all its threads, and the most memory that it held, in MiB."""

    seconds: float
    memory: float


def run() -> str:
    """A row per noise. Those in closed form are made here twice. By gradient 5 000 images are, in
    about an hour, and 50 000 are read from what `make leaderboard` wrote in `runs/`."""
    profile = yaml.safe_load(PROFILE.read_text()) | {"data": os.environ["UNLEARNABLE_DATA"]}
    grid = read_grid(Path(profile["grid"]), profile["seeds"], victims=profile["victims"])
    rows = []
    for name, entry in grid.names.noises.items():
        command = noise(profile, grid, name, 0)
        few = cost(f"{command} --data.train_subset {FEW}")
        if entry.config == "closed":
            every: Cost | None = cost(command)
        else:
            every = read(Path("runs", profile["name"], noise_folder(grid, name, 0), "time.tsv"))
        rows.append([entry.label, *_cells(few, every)])
        print(rows[-1], file=sys.stderr, flush=True)  # an hour is long to see nothing
    return markdown(HEAD, rows, numbers=len(HEAD) - 1)


def _cells(few: Cost, every: Cost | None) -> list[str]:
    if every is None:
        return [f"{few.seconds:,.0f}", "…", "…", "…", f"{few.memory:,.0f}", "…"]
    more = 1000 * (every.seconds - few.seconds) / (ALL - FEW)
    return [
        f"{few.seconds:,.0f}",
        f"{every.seconds:,.0f}",
        f"{every.seconds / few.seconds:.1f}",
        f"{more:.1f}",
        f"{few.memory:,.0f}",
        f"{every.memory:,.0f}",
    ]


def cost(command: str) -> Cost:
    """Of a call of `unlearnable`, which writes into a folder that goes again."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "unlearnable_lightning", *shlex.split(command)[1:]]
        words += ["--trainer.logger.init_args.save_dir", folder]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL) as process:
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command}\nended with status {process.returncode}")
    return _of(used)


def _of(used: resource.struct_rusage) -> Cost:
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)  # Linux counts in KiB


def read(file: Path) -> Cost | None:
    """What Snakemake measured of a run; None if there was none."""
    if not file.exists():
        return None
    with file.open() as lines:
        row = next(csv.DictReader(lines, delimiter="\t"))
    return Cost(float(row["cpu_time"]), float(row["max_rss"]))
