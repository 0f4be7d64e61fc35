"""Two ranks end with the same noise, whatever the method."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import torch
from test_every_method import MEMBERS

from unlearnable_lightning import Release
from unlearnable_lightning.noise import ClosedForm

NAMES = [each.__name__ for each in MEMBERS]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_two_ranks_agree(tmp_path: Path) -> None:
    shared = {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2",
        "GROUP_RANK": "0",
        "TORCHELASTIC_RUN_ID": "test",  # Lightning leaves the processes to whoever set this
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    ranks = [
        subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("ranks.py")), *NAMES],
            cwd=tmp_path,
            env=os.environ | shared | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(2)
    ]
    said = [rank.communicate(timeout=300)[0] for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], "\n".join(said)
    for method in MEMBERS:
        name = method.__name__
        first, second = (torch.load(tmp_path / f"{name}_{rank}.pt") for rank in range(2))
        assert torch.equal(first, second), name
        written = Release.load(tmp_path / name / "noise.safetensors")
        assert torch.equal(written.difference, first), name
        if issubclass(method, ClosedForm):
            assert written.made_by["seed"] == 0
