"""Run as one of two ranks: keeps the class means that a sweep computes of held and of read images.

class_means_ranks.py FOLDER

FOLDER holds x_train.npy and y_train.npy.
"""

import sys
from pathlib import Path

import lightning as L
import torch
from torch import Tensor

from unlearnable_lightning import NPYDataModule
from unlearnable_lightning.noise import EntF
from unlearnable_lightning.noise.sweep import Sweep
from unlearnable_lightning.rows import whole


class HeldDataModule(NPYDataModule):
    """The same images in memory."""

    def read(self, split: str) -> tuple[Tensor, Tensor]:
        images, labels = super().read(split)
        return whole(images), labels


class Kept(EntF):
    """Keeps the class means of its sweep."""

    def begin_sweep(self, sweep: Sweep) -> None:
        super().begin_sweep(sweep)
        self.kept = self.means


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    for data_module in (HeldDataModule, NPYDataModule):
        L.seed_everything(0)
        name = data_module.__name__
        data = data_module(
            str(folder / "x_train.npy"), str(folder / "y_train.npy"), val_size=0, batch_size=4
        )
        data.setup("fit")
        module = Kept(
            model="cnn_small", num_classes=data.num_classes, image_size=16, steps=2,
            step_size="2/255", model_steps=2, reference_steps=1,
        )  # fmt: skip
        trainer = L.Trainer(
            max_epochs=1,
            accelerator="cpu",
            devices=2,
            strategy="ddp",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            default_root_dir=folder / name,
        )
        trainer.fit(module, data)
        kept = {"means": module.kept, "model": module.model.state_dict()}
        torch.save(kept, folder / f"{name}_{trainer.global_rank}.pt")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
