"""A full disk, and two runs that want one folder: what is there stays."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest
from test_processes import ENVIRONMENT, run, start

from unlearnable_lightning import Release

LAST = Path("checkpoints") / "last.ckpt"


@pytest.mark.slow
def test_a_disk_that_fills_up_ends_the_run_with_what_it_had(
    generate: list[str], tmp_path: Path
) -> None:
    run(["fit", *generate], tmp_path / "unbroken")
    size = (tmp_path / "unbroken" / LAST).stat().st_size
    room = size - 50_000  # the first checkpoint has no momentum, 97 kB: it fits, the next does not
    full = tmp_path / "full"
    full.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "unlearnable_lightning", "fit", *generate],
        cwd=full, env=ENVIRONMENT, capture_output=True, text=True, timeout=300,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    message = done.stderr.strip().splitlines()[-1]
    assert message.startswith("error: ")
    assert "last.ckpt cannot be written (File too large); the file of before is kept" in message
    assert Release.load(full / "noise.safetensors").made_by["rounds"] == 1
    run(["fit", *generate, "--ckpt_path", str(LAST)], full)  # there is room again
    noises = [(tmp_path / run / "noise.safetensors").read_bytes() for run in ("unbroken", "full")]
    assert noises[0] == noises[1]


@pytest.mark.slow
def test_of_two_runs_that_start_in_one_folder_one_is_refused(
    generate: list[str], tmp_path: Path
) -> None:
    arguments = ["fit", *generate, "--trainer.max_epochs", "4", "--model.stop_error", "null"]
    run(arguments, tmp_path / "alone")
    both = [start(arguments, tmp_path / "shared") for _ in range(2)]
    outputs = {process.communicate(timeout=300)[0]: process.returncode for process in both}
    assert sorted(outputs.values()) == [0, 1], outputs
    refused = next(output for output, code in outputs.items() if code)
    assert "another run is at work in" in refused or "exists already" in refused
    noises = [(tmp_path / run / "noise.safetensors").read_bytes() for run in ("alone", "shared")]
    assert noises[0] == noises[1]
