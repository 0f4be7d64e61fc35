"""`last.ckpt` is that of the last epoch."""

from pathlib import Path
from typing import Any

import torch
from lightning import LightningModule
from torch.utils.data import DataLoader

from unlearnable_lightning.run import LastCheckpoint


class Count(LightningModule):
    """Counts epochs and takes no optimizer step, as a generator of `model_steps: 0`."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(1, 1)
        self.epochs = torch.nn.Buffer(torch.zeros(()))

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> int:
        return -1

    def training_step(self, batch: Any, batch_idx: int) -> None:
        raise AssertionError("no step is to be taken")

    def on_train_epoch_end(self) -> None:
        self.epochs += 1

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.1)


def test_last_checkpoint_is_written_after_epochs_without_an_optimizer_step(
    trainer: Any, tmp_path: Path
) -> None:
    run = trainer(max_epochs=3, callbacks=[LastCheckpoint()])
    run.fit(Count(), DataLoader(range(2)))
    last = torch.load(
        tmp_path / "run" / "checkpoints" / "last.ckpt", weights_only=True, map_location="cpu"
    )
    assert run.global_step == 0
    assert last["state_dict"]["epochs"] == 3
