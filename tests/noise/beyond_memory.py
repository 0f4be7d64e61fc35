"""Run as one rank: makes noise for images in files, and says what memory and time that took.

    beyond_memory.py FOLDER held|read MODEL EPOCHS

FOLDER holds x_train.npy and y_train.npy; the run goes into FOLDER/held or FOLDER/read. It goes on
from the last checkpoint there, if there is one.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch import Tensor, nn

from unlearnable_lightning import NoiseGenLightningModule, NPYDataModule
from unlearnable_lightning.rows import whole


class HeldDataModule(NPYDataModule):
    """The same images in memory."""

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        images, labels = super().read(split)
        return whole(images), labels


def peak() -> int:
    """The most bytes that this process ever had in memory, mapped files and all."""
    status = Path("/proc/self/status").read_text()
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def patches(num_classes: int = 10) -> nn.Sequential:
    """A network that takes hardly any time or memory."""
    return nn.Sequential(nn.Conv2d(3, num_classes, 16, 16), nn.AdaptiveAvgPool2d(1), nn.Flatten())


def main(folder: Path, how: str, model: str, epochs: int) -> None:
    torch.set_num_threads(1)
    L.seed_everything(0)
    data_module = {"held": HeldDataModule, "read": NPYDataModule}[how]
    data = data_module(
        str(folder / "x_train.npy"), str(folder / "y_train.npy"), val_size=0, batch_size=16
    )
    data.setup("fit")
    before, started = peak(), time.process_time()
    module = NoiseGenLightningModule(
        "samplewise", model=model, image_size=data.image_size, num_classes=data.num_classes,
        steps=1, model_steps=2, stop_error=None,
    )  # fmt: skip
    ranks = int(os.environ.get("WORLD_SIZE", "1"))
    trainer = L.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        devices=ranks,
        strategy="ddp" if ranks > 1 else "auto",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=folder / how,
    )
    last = folder / how / "checkpoints" / "last.ckpt"
    trainer.fit(module, data, ckpt_path=last if last.exists() else None)
    said: dict[str, Any] = {"peak": peak(), "peak_before": before}
    said["seconds"] = time.process_time() - started
    (folder / f"{how}{trainer.global_rank}.json").write_text(json.dumps(said))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]))
