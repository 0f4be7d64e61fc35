"""Two ranks end with the same noise, whatever the method."""

import os
import subprocess
import sys
from pathlib import Path

import torch
from test_every_method import MEMBERS

from unlearnable_lightning import Release
from unlearnable_lightning.noise import ClosedForm

NAMES = [each.__name__ for each in MEMBERS]


def test_two_ranks_agree(tmp_path: Path) -> None:
    folders = [str(Path(__file__).parents[level]) for level in (1, 2)]  # forked_ranks, the package
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("ranks.py")), *NAMES],
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(folders)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout
    for method in MEMBERS:
        name = method.__name__
        first, second = (
            torch.load(tmp_path / f"{name}_{rank}.pt", map_location="cpu") for rank in range(2)
        )
        assert torch.equal(first, second), name
        written = Release.load(tmp_path / name / "noise.safetensors")
        assert torch.equal(written.difference, first), name
        if issubclass(method, ClosedForm):
            assert written.made_by["seed"] == 0
