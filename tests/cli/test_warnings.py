"""A clean run prints no warning: none of ours, and none that a user cannot act on."""

import json
import os
import subprocess
import sys
from pathlib import Path

from test_processes import ENVIRONMENT

LAST = ["--ckpt_path", "checkpoints/last.ckpt"]
AUGMENT = ["--data.augment+", "unlearnable_lightning.augment.RandomCropFlip"]
VIEWS = ["--model.views+", "RandomCropFlip"]
COMMANDS = """
import json, os, sys
from unlearnable_lightning.cli import main
for folder, arguments in json.loads(sys.argv[1]):
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    sys.argv = ["unlearnable", *arguments]
    main()
"""


def test_a_clean_run_is_quiet(generate: list[str], train: list[str], tmp_path: Path) -> None:
    noise, training, few = (str(tmp_path / name) for name in ("noise", "training", "few"))
    trained = [*train, *AUGMENT, "--data.noise", os.path.join(noise, "noise.safetensors")]
    resumed = ["--trainer.max_epochs", "3", *LAST]
    commands = [
        (noise, ["fit", *generate, *VIEWS]),
        (noise, ["fit", *generate, *VIEWS, *resumed]),
        (noise, ["predict", *generate, *LAST]),
        (training, ["fit", *trained]),
        (training, ["fit", *trained, *resumed]),
        (training, ["test", *trained, *LAST]),
        (few, ["fit", *trained, "--data.val_size", "0"]),
    ]
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, json.dumps(commands)],
        env=ENVIRONMENT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed = done.stdout + done.stderr
    for word in ("Warning", "site-packages", "override", "Tip:"):  # site-packages: who warns
        lines = [line for line in printed.splitlines() if word in line]
        assert not lines, lines
