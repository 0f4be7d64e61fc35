"""SIGKILL at random moments of noise generation and of training, 20 times, resumed each time."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from test_processes import ENVIRONMENT, run

LAST = Path("checkpoints") / "last.ckpt"


def kill_somewhere(arguments: list[str], folder: Path, draw: random.Random) -> bool:
    """Starts a run and kills it up to two epochs later, or while it starts; whether it was still
    at work. Epochs are counted by the checkpoints that it writes."""
    process = subprocess.Popen(
        [sys.executable, "-m", "unlearnable_lightning", *arguments],
        cwd=folder, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    epochs, seen = draw.randrange(3), written(folder)
    while epochs and process.poll() is None:
        time.sleep(0.002)
        if written(folder) != seen:
            epochs, seen = epochs - 1, written(folder)
    time.sleep(draw.uniform(0, 0.5))
    process.send_signal(signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def written(folder: Path) -> int:
    return (folder / LAST).stat().st_mtime_ns if (folder / LAST).exists() else 0


def same(a: object, b: object) -> bool:
    """Whether two checkpoints are equal, tensor by tensor; paths aside."""
    if isinstance(a, torch.Tensor):
        return isinstance(b, torch.Tensor) and torch.equal(a, b)
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return isinstance(b, (list, tuple)) and len(a) == len(b) and all(map(same, a, b))
    return a == b


@pytest.mark.slow
@pytest.mark.parametrize("what", ["generate", "train"])
def test_twenty_kills_change_nothing(what: str, request: pytest.FixtureRequest, tmp_path: Path):
    epochs = ["--trainer.max_epochs", "48", "--data.augment+"]  # 20 kills let at most 40 pass
    arguments = ["fit", *request.getfixturevalue(what), *epochs]
    arguments.append("unlearnable_lightning.augment.RandomCropFlip")
    if what == "generate":
        arguments += ["--model.stop_error", "null"]
    run(arguments, tmp_path / "unbroken")

    killed, draw, kills = tmp_path / "killed", random.Random(what), 0
    killed.mkdir()
    while kills < 20:
        resume = ["--ckpt_path", str(LAST)] if (killed / LAST).exists() else []
        assert kill_somewhere([*arguments, *resume], killed, draw), "it came to its end"
        kills += 1
    run([*arguments, "--ckpt_path", str(LAST)], killed)

    ends = [torch.load(tmp_path / name / LAST) for name in ("unbroken", "killed")]
    for part in ("state_dict", "optimizer_states", "lr_schedulers", "epoch", "global_step"):
        assert same(*(end[part] for end in ends)), part
    for name in ("noise.safetensors",) if what == "generate" else ():
        assert (killed / name).read_bytes() == (tmp_path / "unbroken" / name).read_bytes()
    assert not list(killed.rglob("*.part"))
