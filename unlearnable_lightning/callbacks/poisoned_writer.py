"""Writes the images that a generator's `predict` poisoned."""

from collections.abc import Sequence
from typing import Any

import lightning as L
import numpy as np
import torch
from lightning.pytorch.callbacks import BasePredictionWriter
from lightning.pytorch.utilities import rank_zero_info

from unlearnable_lightning.callbacks.run_folder import run_folder


class PoisonedWriter(BasePredictionWriter):
    """`poisoned.npz` in the run folder: x_train uint8 [N, H, W, C] and y_train, in the data's
    order; on several devices a file per rank, with the rows in `index`."""

    def __init__(self) -> None:
        super().__init__(write_interval="epoch")

    def write_on_epoch_end(
        self,
        trainer: L.Trainer,
        pl_module: L.LightningModule,
        predictions: Sequence[Any],
        batch_indices: Sequence[Any],
    ) -> None:
        folder = run_folder(trainer)
        if folder is None:
            return
        rank = "" if trainer.world_size == 1 else f"_rank{trainer.global_rank}"
        path = folder / f"poisoned{rank}.npz"
        whole = {
            key: torch.cat([batch[key].cpu() for batch in predictions])
            for key in ("image", "label", "index")
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(
            path,
            x_train=whole["image"].permute(0, 2, 3, 1).numpy(),
            y_train=whole["label"].numpy(),
            index=whole["index"].numpy(),
        )
        rank_zero_info(f"Poisoned images: {path}")
