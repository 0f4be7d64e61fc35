"""`ClassifierModule` under the Trainer against a plain loop, and the way of a batch to it."""

import copy
import tempfile
import time
from typing import Any

import lightning as L
import torch
from torch.nn.functional import cross_entropy
from torch.optim import SGD
from torch.utils.data import DataLoader

from benchmarks.augment import Pictures, to_tensor
from benchmarks.pictures import DEVICE, pictures, uint8_batch
from benchmarks.side_by_side import seconds_of, side_by_side, table
from unlearnable_lightning import ClassifierModule
from unlearnable_lightning.data import ImageDataModule
from unlearnable_lightning.models import build_model

PLAIN, TRAINER = "a plain loop", "ours under the Trainer"


def run() -> str:
    """Tables: overhead of the Trainer, layout and precision, the data path."""
    sizes = {"resnet18": (128 * 4, 3), "cnn_small": (128 * 32, 7)}
    if DEVICE == "cuda":
        sizes = {"resnet18": (128 * 100, 5), "cnn_small": (128 * 300, 7)}
    return "\n\n".join([*(overhead(model, *size) for model, size in sizes.items()), data_path()])


def overhead(name: str, images: int, turns: int) -> str:
    """An epoch under the Trainer, with its bar, its log and its checkpoint, and without."""
    contest = Contest(name)
    with tempfile.TemporaryDirectory() as folder:
        trainer: Any = L.Trainer(max_epochs=turns + 2, default_root_dir=folder, callbacks=[contest])
        trainer.fit(ClassifierModule(model=name, cosine=False), pictures(images, val_size=0))
    return table(f"training on {images} images, `{name}`", contest.seconds, images, PLAIN)


class Contest(L.Callback):
    """Times the Trainer's epochs, and lets the plain loops run between them."""

    def __init__(self, name: str) -> None:
        model = build_model(name, num_classes=10, in_channels=3, image_size=32).to(DEVICE)
        contiguous = copy.deepcopy(model).to(memory_format=torch.contiguous_format)
        self.loops: dict[str, tuple[Any, torch.dtype | None]] = {
            PLAIN: (model, None),
            "the same, contiguous": (contiguous, None),
            "the same, bfloat16": (copy.deepcopy(model), torch.bfloat16),
        }
        self.seconds: dict[str, list[float]] = {PLAIN: [], TRAINER: []}
        self.begun = 0.0

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        now = time.perf_counter()
        warm = trainer.current_epoch > 1
        if warm:  # this hook comes when an epoch is over, its log and checkpoint included
            self.seconds[TRAINER].append(now - self.begun)
        for name, (model, dtype) in self.loops.items():
            seconds = seconds_of(lambda m=model, d=dtype: plain(m, pl_module.trainer.datamodule, d))
            if warm:
                self.seconds.setdefault(name, []).append(seconds)
        self.begun = time.perf_counter()


def plain(model: Any, data: ImageDataModule, dtype: torch.dtype | None) -> None:
    """An epoch as one writes it by hand, on the same batches."""
    optimizer = SGD(model.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)
    model.train()
    for batch in data.train_dataloader():
        images = batch["image"].to(DEVICE).float() / 255
        labels = batch["label"].to(DEVICE)
        with torch.autocast(DEVICE, dtype, enabled=dtype is not None):
            loss = cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()


def data_path() -> str:
    """An epoch of batches on the device, without a model."""
    images, labels = uint8_batch(10_000)
    data = pictures(10_000)
    data.setup("fit")
    nhwc = images.cpu().permute(0, 2, 3, 1).contiguous().numpy()
    usual: Any = DataLoader(
        Labelled(nhwc, labels.tolist()), 128, shuffle=True, num_workers=2, persistent_workers=True
    )

    def ours() -> None:
        for batch in data.train_dataloader():
            data.on_after_batch_transfer({key: v.to(DEVICE) for key, v in batch.items()}, 0)

    def theirs() -> None:
        for batch, targets in usual:
            batch.to(DEVICE), targets.to(DEVICE)

    seconds = side_by_side({"PIL images, 2 workers": theirs, "ours": ours}, turns=5)
    return table("batches of 128, 10 000 images", seconds, 10_000, "PIL images, 2 workers")


class Labelled(Pictures):
    """With its label, as torchvision's data sets give it."""

    def __init__(self, nhwc: Any, labels: list[int]) -> None:
        super().__init__(nhwc, to_tensor)
        self.labels = labels

    def __getitem__(self, index: int) -> Any:
        return super().__getitem__(index), self.labels[index]
