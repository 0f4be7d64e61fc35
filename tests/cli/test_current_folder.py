"""Own code in the current folder is found by its import path, and replaces no library."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

NET = "from unlearnable_lightning.models import cnn_small as Net\n"
MODULE = """
from unlearnable_lightning import ClassifierModule, ShapesDataModule

class Mine(ClassifierModule):
    pass

class Drawn(ShapesDataModule):
    pass
"""
SCRIPT = Path(sys.executable).with_name("unlearnable")


@pytest.mark.parametrize("name", ["network", "module and data"])
def test_the_command_finds_own_code(name: str, train: list[str], tmp_path: Path) -> None:
    (tmp_path / "mynet.py").write_text(NET)
    (tmp_path / "mycode.py").write_text(MODULE)
    (tmp_path / "yaml.py").write_text("raise SystemExit('a file from elsewhere ran')\n")
    own = {
        "network": ["--model.model", "mynet.Net"],
        "module and data": ["--model", "mycode.Mine", "--data", "mycode.Drawn"],
    }
    done = subprocess.run(
        [SCRIPT, "fit", *train, *own[name], "--trainer.max_epochs", "1"],
        cwd=tmp_path, env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "checkpoints" / "last.ckpt").exists()
