"""Two ranks that make noise with every method that is named, and keep what they have."""

import sys

import lightning as L
import torch
from forked_ranks import two_ranks

from unlearnable_lightning import ShapesDataModule, noise

FEW = {  # of what takes its time
    "SEM": {"samples": 1, "attack_steps": 1},
    "REM": {"samples": 1, "attack_steps": 1},
    "SEP": {"members": 1, "features": True},
    "EntF": {"reference_steps": 1},
}


def main() -> None:
    torch.set_num_threads(1)
    for name in sys.argv[1:]:
        L.seed_everything(0)
        method = getattr(noise, name)
        closed = issubclass(method, noise.ClosedForm)
        steps = {"steps": 3, "model_steps": 3}
        quick = {} if closed else {"model": "cnn_small", "image_size": 16} | steps
        module = method(**quick | FEW.get(name, {}))
        trainer = L.Trainer(
            max_epochs=1,
            accelerator="cpu",
            devices=2,
            strategy="ddp",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            default_root_dir=name,
        )
        data = ShapesDataModule(train_size=51, test_size=20, image_size=16, batch_size=20)
        trainer.fit(module, data)
        torch.save(module.noise().difference, f"{name}_{trainer.global_rank}.pt")


if __name__ == "__main__":
    two_ranks(main)
