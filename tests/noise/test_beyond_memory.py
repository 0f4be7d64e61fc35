"""Two ranks make noise for images in files without ever holding them, or it."""

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from beyond_memory import patches

from unlearnable_lightning import NoiseGenLightningModule, NPYDataModule, Release
from unlearnable_lightning.noise.sharded_deltas import ShardedDeltas
from unlearnable_lightning.rows import whole

SCRIPT = Path(__file__).with_name("beyond_memory.py")
MODEL = "beyond_memory.patches"


def make_images(folder: Path, count: int, size: int = 224) -> int:
    """Images and labels as `.npy` files; how many bytes the images have."""
    shape = (count, size, size, 3)
    images = np.lib.format.open_memmap(folder / "x_train.npy", "w+", np.uint8, shape)
    some = np.random.default_rng(0).integers(0, 256, (50, *shape[1:]), dtype=np.uint8)
    for start in range(0, count, 50):
        images[start : start + 50] = some[: count - start] ^ np.uint8(start // 50 % 256)
    images.flush()
    np.save(folder / "y_train.npy", np.arange(count) % 10)
    return images.nbytes


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def run(folder: Path, how: str, model: str, epochs: int, ranks: int) -> list[dict[str, Any]]:
    """Runs the script on so many ranks; what each says of its time and memory."""
    shared = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    if ranks > 1:
        shared |= {
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(free_port()),
            "WORLD_SIZE": str(ranks),
            "LOCAL_WORLD_SIZE": str(ranks),
            "GROUP_RANK": "0",
            "TORCHELASTIC_RUN_ID": "test",  # Lightning leaves the processes to whoever set this
        }
    processes = [
        subprocess.Popen(
            [sys.executable, str(SCRIPT), str(folder), how, model, str(epochs)],
            env=shared | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for rank in range(ranks)
    ]
    said = [process.communicate(timeout=7200)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * ranks, "\n".join(said)
    return [json.loads((folder / f"{how}{rank}.json").read_text()) for rank in range(ranks)]


def test_two_ranks_hold_neither_images_nor_noise_and_one_goes_on(
    tmp_path: Path, trainer: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    size = make_images(tmp_path, 401)
    peaks = [each["peak"] - each["peak_before"] for each in run(tmp_path, "read", MODEL, 1, 2)]
    # in memory they would be the images, twice as much for the noise, eight times for its draws;
    # a fit takes 60 to 100 MB whatever the images
    assert max(peaks) < 3 * size

    noise = Release.load(tmp_path / "read" / "noise.safetensors")
    difference = whole(noise.difference)
    assert len(difference) == 401
    assert difference.flatten(1).ne(0).any(1).all()  # every image belongs to a rank
    deltas = tmp_path / "read" / "deltas"
    assert sorted(path.name for path in deltas.iterdir()) == ["1.0-of-2.f16", "1.1-of-2.f16"]

    begun: list[Any] = []
    begin = ShardedDeltas.begin

    def record(self: ShardedDeltas, *args: Any) -> None:
        begin(self, *args)
        begun.append(self.now.path.name)
        begun.append(whole(self.everything()))

    monkeypatch.setattr(ShardedDeltas, "begin", record)
    data = NPYDataModule(
        str(tmp_path / "x_train.npy"), str(tmp_path / "y_train.npy"), val_size=0, batch_size=16
    )
    module = NoiseGenLightningModule(
        model=MODEL, image_size=224, steps=1, model_steps=2, stop_error=None
    )
    assert isinstance(module.model[1], type(patches()))
    last = tmp_path / "read" / "checkpoints" / "last.ckpt"
    trainer("one", max_epochs=2).fit(module, data, ckpt_path=last)
    name, taken_over = begun
    assert name == "1.0-of-1.f16"
    levels = (taken_over.float() * 255).round().clamp(-8, 8)
    assert torch.equal(levels.to(torch.int8), difference)
    on_one = tmp_path / "one" / "deltas"
    assert [path.name for path in on_one.iterdir()] == ["2.0-of-1.f16"]
    assert Release.load(tmp_path / "one" / "noise.safetensors").made_by["rounds"] == 2


@pytest.mark.slow
def test_twenty_thousand_large_images_on_two_ranks_below_a_gigabyte_and_a_half(
    tmp_path: Path,
) -> None:
    """3 GB of pixels, 6 GB of noise in the making; 18 GB of disk."""
    assert make_images(tmp_path, 20_000) > 3e9
    for said in run(tmp_path, "read", MODEL, 1, 2):
        assert said["peak"] < 1.5 * 2**30
    # the pytest process reads them once for the checksums
    assert len(Release.load(tmp_path / "read" / "noise.safetensors").difference) == 20_000


@pytest.mark.slow
def test_noise_in_files_takes_at_most_1_3_of_the_time(tmp_path: Path) -> None:
    """Seconds of the processor, which do not depend on what else the machine does."""
    make_images(tmp_path, 200)
    times: dict[str, list[float]] = {"held": [], "read": []}
    for _ in range(2):
        for how, seconds in times.items():
            shutil.rmtree(tmp_path / how, ignore_errors=True)
            seconds += [said["seconds"] for said in run(tmp_path, how, "cnn_small", 1, 1)]
    assert min(times["read"]) < 1.3 * min(times["held"])
