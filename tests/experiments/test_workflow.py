"""`make results PROFILE=smoke`: killed in the middle, called again, and again."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
MAKE = ["make", "-o", ".venv/installed-experiments", "PROFILE=smoke", f"BIN={BIN}"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What `make results` needs of the project, and nothing that an earlier call left."""
    for name in ("configs", "experiments"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "Makefile", tmp_path)
    return tmp_path


def make(folder: Path, *more: str, target: str = "results") -> str:
    """Its output; the call must succeed."""
    command = [*MAKE, target, *more]
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def finished(folder: Path) -> dict[Path, int]:
    """The runs that ended, by the file that Snakemake writes then, and when."""
    return {file: file.stat().st_mtime_ns for file in folder.rglob("time.tsv")}


def kill_in_the_middle(folder: Path) -> None:
    """SIGKILL to make, Snakemake and every run, when two runs are done."""
    process = subprocess.Popen(
        [*MAKE, "results", "CORES=2"], cwd=folder, start_new_session=True, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 300
    while len(finished(folder)) < 2:
        assert process.poll() is None
        assert time.monotonic() < end
        time.sleep(0.1)
    time.sleep(1)  # Snakemake writes down that they ended
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def add_line(file: Path, after: str, line: str) -> None:
    """Adds a line to a YAML, below a line that is there once."""
    lines = file.read_text().splitlines()
    assert lines.count(after) == 1
    lines.insert(lines.index(after) + 1, line)
    file.write_text("\n".join(lines) + "\n")


def test_a_small_grid_runs_to_its_page_and_repeats_nothing(folder: Path) -> None:
    profile = folder / "experiments" / "profiles" / "smoke.yaml"
    text = profile.read_text()
    for old, new in (
        ("[clean, S8, mnist-clean]", "[clean, S8]"),
        ("[standard, pgd-8/255, pgd-0.3]", "[standard]"),
        ("[none, crop_flip]", "[none]"),
    ):
        assert old in text
        text = text.replace(old, new)
    profile.write_text(text)
    make(folder, "CORES=2")
    after = finished(folder)
    runs = {str(file.parent.relative_to(folder / "runs" / "smoke")) for file in after}
    assert runs == {
        "noise/S8/seed0",
        "train/S8/standard/none/seed0",
        "train/clean/standard/none/seed0",
    }
    assert "### Table 3.3" in (folder / "runs" / "smoke" / "results.md").read_text()
    assert "Nothing to be done" in make(folder)
    assert finished(folder) == after


@pytest.mark.slow
def test_a_killed_grid_goes_on_and_makes_the_page(folder: Path) -> None:
    kill_in_the_middle(folder)
    before = finished(folder)
    assert len(before) >= 2  # the others were killed at work, or had not begun
    make(folder, "CORES=2")
    after = finished(folder)
    assert {file: after[file] for file in before} == before  # none of them ran again
    assert len(after) > len(before)

    page = (folder / "runs" / "smoke" / "results.md").read_text()
    pictures = re.findall(r"!\[.*?\]\((.*?)\)", page)
    assert len(pictures) == 4
    assert all((folder / "runs" / "smoke" / picture).stat().st_size > 5000 for picture in pictures)
    assert all(f"### Table 3.{number}" in page for number in (1, 2, 3, 4))
    assert not [line for line in page.splitlines() if re.search(r"\|  \|  \| [\d≈]", line)]

    assert "Nothing to be done" in make(folder)
    assert finished(folder) == after

    profile = folder / "experiments" / "profiles" / "smoke.yaml"
    text = profile.read_text()
    profile.write_text(text.replace("--model.attack pgd", "--model.attack pgd --model.lr 0.05"))
    assert profile.read_text() != text
    make(folder, "CORES=2")
    changed = {file for file, when in finished(folder).items() if after[file] != when}
    assert changed == {file for file in after if "pgd" in str(file)}

    # a new noise, its row, and its place in the profile: one line each
    before = finished(folder)
    grid = folder / "experiments" / "grids" / "thesis.yaml"
    add_line(grid, "noises:", "  N4: {config: classwise, arguments: --model.epsilon 4/255}")
    add_line(grid, "rows:", "  - {source: More, train_data: N4, training: standard}")
    profile.write_text(profile.read_text().replace("[clean, S8,", "[clean, S8, N4,"))
    make(folder, "CORES=2")
    after = finished(folder)
    assert {file: after[file] for file in before} == before
    new = {
        str(file.parent.relative_to(folder / "runs" / "smoke")) for file in after.keys() - before
    }
    assert new == {"noise/N4/seed0", "train/N4/standard/none/seed0"}
    page = (folder / "runs" / "smoke" / "results.md").read_text()
    assert "| N4 | standard | none | clean images, error % |" in page.split("### More")[1]


@pytest.mark.slow
def test_a_leaderboard_runs_to_its_pages_and_a_noise_more_trains_its_own_row(folder: Path) -> None:
    make(folder, target="leaderboard")
    pages = folder / "runs" / "leaderboard-smoke"
    board = (pages / "leaderboard.md").read_text()
    assert "13 trainings are done" in board  # 12 of the board, and one that weights come from
    assert "…" not in board.partition("## Accuracy")[2].partition("## Does it hold?")[0]
    assert "| EM: none ≪ grayscale" in board
    weights = pages / "train" / "shapes" / "standard" / "crop_flip" / "seed0" / "checkpoints"
    assert (weights / "last.ckpt").exists()
    noises = (pages / "noises.md").read_text()
    assert re.search(r"\| LSP \| [^|]+ \| [^|]+ \| [^|]+ \| \d+ \| 1\.3", noises)
    assert '"last"' in (pages / "leaderboard" / "leaderboard.html").read_text()
    before = finished(folder)
    profile = folder / "experiments" / "profiles" / "leaderboard-smoke.yaml"
    profile.write_text(profile.read_text().replace("[clean, lsp]", "[clean, ops, lsp]"))
    make(folder, target="leaderboard")
    after = finished(folder)
    assert before.items() <= after.items()
    assert len(after) - len(before) == 7  # the noise and its six trainings


@pytest.mark.slow
def test_partial_poisoning_runs_to_its_page(folder: Path) -> None:
    make(folder, "PROFILE=partial-smoke")
    pages = folder / "runs" / "partial-smoke"
    text = (pages / "partial_poisoning.md").read_text()
    assert re.search(r"\| 0\.4 \| [\d.]+ ± [\d.]+ \| [\d.]+ ± [\d.]+ \| [+-]", text)
    assert (pages / "partial_poisoning" / "shares.png").stat().st_size > 5000
    before = finished(folder)
    assert "Nothing to be done" in make(folder, "PROFILE=partial-smoke")
    assert finished(folder) == before


@pytest.mark.slow
def test_surrogates_run_to_their_page(folder: Path) -> None:
    make(folder, "PROFILE=surrogates-smoke")
    pages = folder / "runs" / "surrogates-smoke"
    text = (pages / "surrogates.md").read_text()
    assert "All 9 trainings are done." in text
    made, _, costs = text.partition("## Cost against strength")
    measured = (
        r"\| small ResNet \(reference\) \| 2 \| [\d.]+ \| [\d.]+ \| [+-][\d.]+ \| [+-][\d.]+ \| "
    )
    assert re.search(measured, made)
    assert re.search(
        r"\| pooled CNN, half as wide \| [^|]+ \| 3 \| … \| 20 \| 2 \| \d+ \| 2 of 2 ", costs
    )
    assert (pages / "surrogates" / "restored.png").stat().st_size > 3000
    before = finished(folder)
    assert "Nothing to be done" in make(folder, "PROFILE=surrogates-smoke")
    assert finished(folder) == before
