"""SIGKILL at random moments of runs whose noise lies in files, on 1, 2 and 3 ranks in turn."""

import os
import random
import signal
import socket
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pytest
import torch

from unlearnable_lightning import NoiseGenLightningModule, NPYDataModule, Release
from unlearnable_lightning.data.shapes_images import draw_shapes
from unlearnable_lightning.rows import whole

STAGES = {1: 25, 2: 50, 3: 75}  # ranks, and the round to which so many make noise
# plain DistributedDataParallel lays gradients out anew after the first step of a process, and of
# three numbers gloo's sum depends on where they lie, in the last bit; of two it does not
STRATEGIES = {1: "auto", 2: "ddp", 3: "ddp_find_unused_parameters_true"}
KILLS = 20  # each lets two rounds pass, and what it waits for
LAST = Path("checkpoints") / "last.ckpt"
# its children have imported all by the time that they begin: so a run takes a second
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["unlearnable_lightning.face"])


def one_rank(folder: Path, rank: int, ranks: int, port: int) -> None:
    """A rank of a run in `folder`, which goes on from the last checkpoint there."""
    torch.set_num_threads(1)
    if ranks > 1:
        names = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "GROUP_RANK": 0}
        names |= {"WORLD_SIZE": ranks, "LOCAL_WORLD_SIZE": ranks, "RANK": rank, "LOCAL_RANK": rank}
        # Lightning leaves the processes to whoever set this
        names |= {"TORCHELASTIC_RUN_ID": "test"}
        os.environ.update({name: str(value) for name, value in names.items()})
    L.seed_everything(0)
    module = NoiseGenLightningModule(
        model="cnn_small", image_size=12, steps=2, model_steps=2, stop_error=None,
        views=["RandomCropFlip"],
    )  # fmt: skip
    quiet: dict[str, Any] = {"logger": False, "enable_progress_bar": False}
    trainer = L.Trainer(
        max_epochs=STAGES[ranks],
        accelerator="cpu",
        devices=ranks,
        strategy=STRATEGIES[ranks],
        enable_model_summary=False,
        default_root_dir=folder,
        **quiet,
    )
    x, y = str(folder.parent / "x.npy"), str(folder.parent / "y.npy")
    data = NPYDataModule(x, y, val_size=0, batch_size=8)
    last = folder / LAST
    trainer.fit(module, data, ckpt_path=last if last.exists() else None)


def start(folder: Path, ranks: int) -> list[Any]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = int(listener.getsockname()[1])
    processes = [
        CONTEXT.Process(target=one_rank, args=(folder, rank, ranks, port)) for rank in range(ranks)
    ]
    for process in processes:
        process.start()
    return processes


def finish(folder: Path, ranks: int) -> None:
    processes = start(folder, ranks)
    for process in processes:
        process.join(600)
    assert [process.exitcode for process in processes] == [0] * ranks


def kill(folder: Path, ranks: int, draw: random.Random, longest: float) -> bool:
    """Starts a run and kills all of its ranks a round or two later, or while it starts; whether it
    was still at work. Rounds are counted by the checkpoints that it writes."""
    processes = start(folder, ranks)
    rounds, seen = draw.randrange(3), written(folder)
    while rounds and all(process.is_alive() for process in processes):
        time.sleep(0.002)
        if written(folder) != seen:
            rounds, seen = rounds - 1, written(folder)
    time.sleep(draw.uniform(0, longest))
    at_work = all(process.is_alive() for process in processes)
    for process in processes:
        process.kill()
    for process in processes:
        process.join()
    return at_work and all(process.exitcode == -signal.SIGKILL for process in processes)


def written(folder: Path) -> int:
    return (folder / LAST).stat().st_mtime_ns if (folder / LAST).exists() else 0


def ranks_now(folder: Path) -> int | None:
    """On how many ranks the run goes on, by the round of its checkpoint; None at its end."""
    rounds = (
        torch.load(folder / LAST, map_location="cpu")["noise"]["rounds"]
        if (folder / LAST).exists()
        else 0
    )
    return next((ranks for ranks, end in STAGES.items() if rounds < end), None)


def same(a: object, b: object) -> bool:
    """Whether two checkpoints are equal, tensor by tensor."""
    if isinstance(a, torch.Tensor):
        return isinstance(b, torch.Tensor) and torch.equal(a, b)
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)):
        return isinstance(b, (list, tuple)) and len(a) == len(b) and all(map(same, a, b))
    return a == b


@pytest.mark.slow
def test_twenty_kills_and_two_changes_of_ranks_change_nothing(tmp_path: Path) -> None:
    """The unbroken run goes on with other ranks at the same rounds, as it must: ranks train on
    batches of their own, so that another number of them makes other noise."""
    images, labels = draw_shapes(40, seed=0, image_size=12)
    np.save(tmp_path / "x.npy", images.permute(0, 2, 3, 1).numpy())
    np.save(tmp_path / "y.npy", labels.numpy())
    unbroken, killed = tmp_path / "unbroken", tmp_path / "killed"
    times, expected = {}, {}
    for ranks in STAGES:
        started = time.perf_counter()
        finish(unbroken, ranks)
        times[ranks] = (time.perf_counter() - started) / 25  # of a round, with some of the start
        expected[ranks] = torch.load(unbroken / LAST, map_location="cpu")

    draw, kills = random.Random(0), dict.fromkeys(STAGES, 0)
    while (ranks := ranks_now(killed)) is not None:
        enough = KILLS * ranks // len(STAGES)  # by the end of this stage
        if sum(kills.values()) < enough:
            kills[ranks] += kill(killed, ranks, draw, times[ranks])
        else:
            finish(killed, ranks)
        if ranks_now(killed) != ranks:
            found = torch.load(killed / LAST, map_location="cpu")
            for part in ("state_dict", "optimizer_states", "noise", "epoch", "global_step"):
                assert same(found[part], expected[ranks][part]), (ranks, part)
    assert sum(kills.values()) == KILLS
    assert all(kills.values())

    ours, theirs = (Release.load(folder / "noise.safetensors") for folder in (killed, unbroken))
    assert torch.equal(whole(ours.difference), whole(theirs.difference))
    for folder in (".", "deltas", "noise.safetensors.shards"):
        left = [
            sorted(path.name for path in (run / folder).iterdir()) for run in (unbroken, killed)
        ]
        assert left[0] == left[1]
    name = "noise.safetensors"
    assert (killed / name).read_bytes() == (unbroken / name).read_bytes()
