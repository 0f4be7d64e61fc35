"""The sweep of Algorithm 1 against a straight implementation, and against its arithmetic."""

import copy
import tempfile
from typing import Any

import lightning as L
import torch
from lightning.pytorch.plugins import MixedPrecision, Precision
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.contestant import COPY, Contestant
from benchmarks.floor import best_rate, bytes_per_image, check_floor, memory_rate
from benchmarks.pictures import DEVICE, float_batch, pictures
from benchmarks.side_by_side import side_by_side, table
from unlearnable_lightning import NoiseGenLightningModule
from unlearnable_lightning.attacks.folded_copy import FoldedCopy
from unlearnable_lightning.noise import class_update
from unlearnable_lightning.noise.sweep import Sweep

EPSILON, STEP, T = 8 / 255, 0.8 / 255, 20
BATCH = 128 if DEVICE == "cpu" else 1024
STRAIGHT = "a straight implementation"
FLOOR = "the floor: its FLOPs at the best rate of its own layers"
# what a cache holds may pass it, so it is shown, not checked
TRAFFIC = "the memory floor: what its layers read and write in bfloat16, at the rate of a copy"


def run() -> str:
    """Tables for both networks."""
    # 4 096 and 50 000 images gave no table within 90 seconds of an H200
    sizes = {"resnet18": (2048, 3), "cnn_small": (10_000, 5)}
    if DEVICE == "cpu":
        sizes = {"resnet18": (64, 3), "cnn_small": (1024, 5)}
    return "\n\n".join(race(model, *size) for model, size in sizes.items())


def race(model: str, images: int, turns: int) -> str:
    """The table of one network."""
    contest = Contest(turns)
    module = NoiseGenLightningModule(
        model=model, steps=T, model_steps=1, epsilon=EPSILON, step_size=STEP
    )
    with tempfile.TemporaryDirectory() as folder:
        quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
        trainer: Any = L.Trainer(
            max_epochs=1, default_root_dir=folder, callbacks=[contest], **quiet
        )
        trainer.fit(module, pictures(images, val_size=0))
    return table(f"{T} steps on {images} images, `{model}`", contest.seconds, images, STRAIGHT)


class Contest(L.Callback):
    """Runs the contestants inside a Trainer, where a `Sweep` has all that it needs."""

    def __init__(self, turns: int) -> None:
        self.turns = turns
        self.seconds: dict[str, list[float]] = {}

    def on_train_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        dataset = pl_module.train_set
        contiguous = copy.deepcopy(pl_module.model).to(memory_format=torch.contiguous_format)
        loader: Any = DataLoader(dataset, 128, collate_fn=lambda batch: batch)
        noise = [torch.zeros(dataset.source.shape[1:]) for _ in range(len(dataset))]
        contestants = {
            STRAIGHT: Contestant(
                lambda: straight(contiguous, loader, noise),
                torch.float32,
                type(contiguous).__name__,
            ),
            "ours, float32": Contestant(lambda: sweep(pl_module, Precision()), torch.float32, COPY),
            "ours, bfloat16": Contestant(
                lambda: sweep(pl_module, MixedPrecision("bf16-mixed", DEVICE)),
                torch.bfloat16,
                COPY,
            ),
        }
        for name, contestant in contestants.items():
            contestant.check(name)
        calls = {name: contestant.call for name, contestant in contestants.items()}
        folded, images = FoldedCopy(pl_module.model), float_batch(min(BATCH, len(dataset)))[0]
        rate = best_rate(folded, images)  # before and after the contest
        self.seconds = side_by_side(calls, self.turns)
        rate = max(rate, best_rate(folded, images))
        floor = len(dataset) * T * flops_per_image(folded, images) / rate
        self.seconds[FLOOR] = [floor] * self.turns
        check_floor(self.seconds, FLOOR)
        if DEVICE == "cuda":
            moved = len(dataset) * T * bytes_per_image(folded, images)
            self.seconds[TRAFFIC] = [moved / memory_rate(DEVICE)] * self.turns


def sweep(module: Any, precision: Precision) -> None:
    """The sweep as a round runs it under a Trainer of this precision."""
    module.trainer.strategy.precision_plugin = precision  # the Trainer's `precision` is its name
    Sweep(module, module.deltas, BATCH, class_update.mean).run()
    module.trainer.strategy.precision_plugin = Precision()


def straight(model: nn.Module, loader: DataLoader, noise: list[Tensor]) -> None:
    """How one writes it at first: noise as a list, gradients of everything, float32."""
    model.eval()
    for batch in loader:
        images, labels = batch["image"].to(DEVICE).float() / 255, batch["label"].to(DEVICE)
        rows = batch["index"].tolist()
        delta = torch.stack([noise[row] for row in rows]).to(DEVICE)
        for _ in range(T):
            perturbed = (images + delta).requires_grad_()
            model.zero_grad()
            cross_entropy(model(perturbed), labels).backward()
            assert perturbed.grad is not None
            delta = (delta - STEP * perturbed.grad.sign()).clamp(-EPSILON, EPSILON)
            delta = (images + delta).clamp(0, 1) - images
        for row, each in zip(rows, delta, strict=True):
            noise[row] = each.clone().cpu()


def flops_per_image(folded: nn.Module, images: Tensor) -> float:
    """Of a forward pass and the gradient of the input: a layer takes as many for each."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        folded(images)
    return 2 * counter.get_total_flops() / len(images)
