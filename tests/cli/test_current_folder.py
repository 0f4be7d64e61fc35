"""Own code in the current folder is found by its import path, and replaces no library."""

import os
import subprocess
import sys
from pathlib import Path

NET = "from unlearnable_lightning.models import cnn_small as Net\n"
MODULE = """
from unlearnable_lightning import ClassifierModule, ShapesDataModule

class Mine(ClassifierModule):
    pass

class Drawn(ShapesDataModule):
    pass
"""
SCRIPT = Path(sys.executable).with_name("unlearnable")


def test_the_command_finds_own_code(train: list[str], tmp_path: Path) -> None:
    (tmp_path / "mynet.py").write_text(NET)
    (tmp_path / "mycode.py").write_text(MODULE)
    (tmp_path / "yaml.py").write_text("raise SystemExit('a file from elsewhere ran')\n")
    own = ["--model", "mycode.Mine", "--model.model", "mynet.Net", "--data", "mycode.Drawn"]
    done = subprocess.run(
        [SCRIPT, "fit", *train, *own, "--trainer.max_epochs", "1"],
        cwd=tmp_path, env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    config = (tmp_path / "config.yaml").read_text()
    assert all(name in config for name in ("mycode.Mine", "mynet.Net", "mycode.Drawn"))
    assert (tmp_path / "checkpoints" / "last.ckpt").exists()
