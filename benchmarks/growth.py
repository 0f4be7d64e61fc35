"""Time and memory of a round and of `setup` against the number of images."""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import lightning as L

from benchmarks.pictures import pictures
from unlearnable_lightning import NoiseGenLightningModule, NPZDataModule

COUNTS = (2_000, 10_000, 25_000, 50_000)


def run() -> str:
    """A row per number of images, each measured in a process of its own."""
    lines = [
        "| images | `setup` with noise, s | a round, s | a round, ms per image "
        "| peak memory, MiB | noise file, MB | checkpoint, MB |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for count in COUNTS:
        with tempfile.TemporaryDirectory() as folder:
            pictures(count, val_size=0).save_npz(Path(folder) / "data.npz")
            command = [sys.executable, "-m", "benchmarks.growth", folder]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        seen = json.loads(done.stdout.splitlines()[-1])
        lines.append(
            f"| {count:,} | {seen['setup']:.2f} | {seen['round']:.1f} "
            f"| {1000 * seen['round'] / count:.2f} | {seen['memory'] / 2**20:,.0f} "
            f"| {seen['noise.safetensors'] / 1e6:.1f} | {seen['last.ckpt'] / 1e6:.1f} |"
        )
    return "\n".join(lines)


def measure(folder: Path) -> dict[str, float]:
    """The second round on the images of `data.npz` with the small CNN and T = 2, the files that it
    leaves, and a `setup` that lays the noise on."""
    timer = Rounds()
    trainer: Any = L.Trainer(
        max_epochs=2, default_root_dir=folder, logger=False, callbacks=[timer],
        enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    module = NoiseGenLightningModule(model="cnn_small", steps=2, stop_error=None)
    trainer.fit(module, NPZDataModule(str(folder / "data.npz"), val_size=0))
    files = (folder / "noise.safetensors", folder / "checkpoints" / "last.ckpt")
    seen: dict[str, float] = {file.name: file.stat().st_size for file in files}
    seen["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # Linux: KiB
    start = time.perf_counter()
    NPZDataModule(str(folder / "data.npz"), noise=str(files[0]), val_size=0).setup("fit")
    return seen | {"setup": time.perf_counter() - start, "round": timer.seconds}


class Rounds(L.Callback):
    """Seconds of the last round, its files included."""

    seconds = 0.0

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.start = time.perf_counter()

    def on_train_end(self, trainer: L.Trainer, pl_module: Any) -> None:
        self.seconds = time.perf_counter() - self.start


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
