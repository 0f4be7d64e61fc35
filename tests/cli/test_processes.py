"""Whole processes: killed ones resume to the unbroken result, two ranks agree."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from unlearnable_lightning import ClassifierModule, Release, ShapesDataModule
from unlearnable_lightning.cli import main

ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}

# on rank 0 alone the bar computes metrics: their collectives must not get in the way of ours
BAR = ["--trainer.enable_progress_bar", "true"]


def start(arguments: list[str], folder: Path) -> subprocess.Popen[str]:
    folder.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "unlearnable_lightning", *arguments],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=heed_interrupts,
    )


def heed_interrupts() -> None:
    """A shell that starts tests in the background lets them, and all that they start, ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(arguments: list[str], folder: Path) -> str:
    process = start(arguments, folder)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return output


def stop_after_round(process: subprocess.Popen[str], rounds: int, how: signal.Signals) -> str:
    """Sends the signal a moment into the round that follows; gives what was printed from then."""
    assert process.stdout is not None
    for line in process.stdout:
        if f"after round {rounds}" in line:
            break
    time.sleep(0.1)
    process.send_signal(how)
    output, _ = process.communicate(timeout=120)
    assert process.returncode != 0, output
    return output


@pytest.fixture(scope="module")
def slow(generate: list[str]) -> list[str]:
    """A run that takes long enough to be killed in."""
    more = ["--trainer.max_epochs", "12", "--model.views", "[RandomCropFlip]"]
    return ["fit", *generate, "--model.steps", "8", "--model.stop_error", "null", *more]


@pytest.fixture(scope="module")
def unbroken(slow: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nobody killed."""
    folder = tmp_path_factory.mktemp("unbroken")
    main([*slow, "--trainer.default_root_dir", str(folder)])
    return folder


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_generator_resumes_to_the_unbroken_noise(
    how: signal.Signals, slow: list[str], unbroken: Path, tmp_path: Path
) -> None:
    killed = tmp_path / "killed"
    output = stop_after_round(start(slow, killed), 2, how)
    noise = killed / "noise.safetensors"
    so_far = Release.load(noise)
    assert 2 <= so_far.made_by["rounds"] < 12  # on a busy machine the signal comes late
    assert not so_far.finished
    if how != signal.SIGKILL:
        assert f"Interrupted in round {so_far.made_by['rounds'] + 1}" in output
    last = ["--ckpt_path", str(killed / "checkpoints" / "last.ckpt")]
    main([*slow, "--trainer.default_root_dir", str(killed), *last])
    assert noise.read_bytes() == (unbroken / "noise.safetensors").read_bytes()


TWO_RANKS = """
import json, sys, torch
from pathlib import Path
from lightning.pytorch.callbacks import Callback
from forked_ranks import two_ranks
from unlearnable_lightning.noise import NoiseDriver
from unlearnable_lightning.cli import main

class Record(Callback):
    def on_train_end(self, trainer, pl_module):
        folder = Path(trainer.default_root_dir)
        torch.save(pl_module.deltas.delta, folder / f"rank{trainer.global_rank}.pt")

def work():
    for arguments in json.loads(sys.argv[1]):
        main(arguments)

if __name__ == "__main__":
    configure = NoiseDriver.configure_callbacks
    NoiseDriver.configure_callbacks = lambda self: [*configure(self), Record()]
    main() if sys.argv[1] == "fit" else two_ranks(work)
"""
DEVICES = ["--trainer.devices", "2", "--trainer.strategy", "ddp", *BAR]


def on_two(arguments: list[str], folder: Path) -> None:
    """Runs `TWO_RANKS` with these arguments."""
    (folder / "script.py").write_text(TWO_RANKS)
    paths = [str(Path(__file__).parents[level]) for level in (1, 2)]  # forked_ranks, the package
    done = subprocess.run(
        [sys.executable, "script.py", *arguments],
        cwd=folder, env=ENVIRONMENT | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_two_ranks_finish_with_the_same_whole_noise(generate: list[str], tmp_path: Path) -> None:
    """Of both kinds, each resumed on one rank and on two again."""
    # 101 images, batches of 9 on each of two ranks: the last batch has images for both, unevenly
    few = ["--data.train_size", "101", "--data.batch_size", "9", "--model.init", "zeros"]
    kinds = {"samplewise": 101, "classwise": 10}
    folders = {kind: str(tmp_path / kind) for kind in kinds}
    runs = {
        kind: [*generate, *few, "--model.kind", kind, "--trainer.default_root_dir", folders[kind]]
        for kind in kinds
    }
    on_two([json.dumps([["fit", *run, *DEVICES] for run in runs.values()])], tmp_path)
    for kind, rows in kinds.items():
        folder = tmp_path / kind
        deltas = [torch.load(folder / f"rank{rank}.pt") for rank in (0, 1)]
        assert torch.equal(*deltas)
        assert deltas[0].abs().amax(dim=(1, 2, 3)).gt(0).all()  # every row was written
        assert deltas[0].float().abs().max() <= 8 / 255 + 1e-4
        assert Release.load(folder / "noise.safetensors").difference.shape[0] == rows
        last = ["--ckpt_path", str(folder / "checkpoints" / "last.ckpt"), "--trainer.max_epochs"]
        runs[kind] += last
        main(["fit", *runs[kind], "3"])  # goes on with one rank
        assert Release.load(folder / "noise.safetensors").made_by["rounds"] == 3
    on_two([json.dumps([["fit", *run, "4", *DEVICES] for run in runs.values()])], tmp_path)
    for folder in folders.values():  # and with two again
        assert Release.load(Path(folder) / "noise.safetensors").made_by["rounds"] == 4


def test_two_ranks_that_the_command_starts_share_a_seed_that_none_was_given(
    generate: list[str], tmp_path: Path
) -> None:
    on_two(["fit", *generate, *DEVICES, "--seed_everything", "false"], tmp_path)
    deltas = [torch.load(tmp_path / f"rank{rank}.pt") for rank in (0, 1)]
    assert torch.equal(*deltas)
    assert deltas[0].abs().amax(dim=(1, 2, 3)).gt(0).all()  # no row belongs to no rank
    assert deltas[0].abs().max() < 9 / 255  # none to two


SPAWNED = """
import lightning as L
from unlearnable_lightning import NoiseGenLightningModule, ShapesDataModule

if __name__ == "__main__":
    strategy = dict(accelerator="cpu", devices=2, strategy="ddp_spawn")
    trainer = L.Trainer(max_epochs=1, logger=False, default_root_dir="run", **strategy)
    module = NoiseGenLightningModule(model="cnn_small", steps=2, model_steps=2)
    trainer.fit(module, ShapesDataModule(train_size=100, test_size=60))
    module.noise().save("copy.safetensors")
    NoiseGenLightningModule.load_from_checkpoint("run/checkpoints/last.ckpt")
"""


@pytest.mark.slow
def test_noise_of_spawned_ranks_comes_back(tmp_path: Path) -> None:
    (tmp_path / "spawned.py").write_text(SPAWNED)
    process = subprocess.run(
        [sys.executable, "spawned.py"],
        cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    written = (tmp_path / "run" / "noise.safetensors").read_bytes()
    assert (tmp_path / "copy.safetensors").read_bytes() == written


@pytest.mark.slow
def test_two_ranks_train_and_test_adversarially(train: list[str], tmp_path: Path) -> None:
    arguments = [*train, "--model.attack", "pgd"]
    arguments += ["--trainer.devices", "2", "--trainer.strategy", "ddp", *BAR]
    run(["fit", *arguments], tmp_path)
    tables = []
    for devices in ("2", "1"):  # 31 test images: the Trainer's own sampler would repeat one
        one = ["--trainer.devices", devices, "--data.test_size", "62"]
        run(["test", *arguments, *one, "--ckpt_path", "checkpoints/last.ckpt"], tmp_path)
        with open(tmp_path / "test.csv") as file:
            tables.append([row for row in csv.DictReader(file) if row["attack"] != "pgd"])
    for on_two, on_one in zip(*tables, strict=True):  # PGD starts at random
        assert float(on_two["accuracy"]) == pytest.approx(float(on_one["accuracy"]), abs=1e-6)
        assert float(on_two["loss"]) == pytest.approx(float(on_one["loss"]), rel=1e-5)
    assert len(tables[0]) == 4


@pytest.mark.slow
def test_two_ranks_defend_alike_and_score_held_out_images_once(
    train: list[str], tmp_path: Path
) -> None:
    defences = "[{class_path: OrthogonalProjection, init_args: {steps: 5}}, Mixup]"
    arguments = [*train, "--model.defences", defences, "--model.best_by", "poisoned"]
    # 21 held-out images: the Trainer's own sampler would repeat one
    arguments += ["--data.poisoned_val_size", "21", "--trainer.devices", "2"]
    run(["fit", *arguments, "--trainer.strategy", "ddp", *BAR], tmp_path)
    best = tmp_path / "checkpoints" / "best.ckpt"
    states = torch.load(best, weights_only=True)["callbacks"].values()
    (score,) = [state["best_model_score"] for state in states if state.get("monitor")]
    data = ShapesDataModule(train_size=100, test_size=60, poisoned_val_size=21)
    data.setup("fit")
    assert data.poisoned_val_set is not None
    model = ClassifierModule.load_from_checkpoint(best).model.eval()
    right = model(data.poisoned_val_set.images / 255).argmax(1) == data.poisoned_val_set.labels
    assert score.item() == pytest.approx(right.float().mean().item(), abs=1e-6)
