"""The sweep of Algorithm 1 against a straight implementation, and against its arithmetic."""

import copy
import tempfile
from typing import Any

import lightning as L
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, cross_entropy
from torch.utils.data import DataLoader
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.pictures import DEVICE, float_batch, pictures
from benchmarks.side_by_side import seconds_of, side_by_side, table
from unlearnable_lightning import NoiseGenLightningModule
from unlearnable_lightning.modules.frozen_model import FrozenModel
from unlearnable_lightning.modules.sweep import Sweep
from unlearnable_lightning.noise import class_update

EPSILON, STEP, T = 8 / 255, 0.8 / 255, 20
STRAIGHT, FLOOR = "a straight implementation", "the floor: its FLOPs at the rate of a convolution"


def run() -> str:
    """Tables for both networks."""
    sizes = {"resnet18": (4096, 3), "cnn_small": (50_000, 5)}
    if DEVICE == "cpu":
        sizes = {"resnet18": (64, 3), "cnn_small": (1024, 5)}
    return "\n\n".join(race(model, *size) for model, size in sizes.items())


def race(model: str, images: int, turns: int) -> str:
    """The table of one network."""
    contest = Contest(turns)
    module = NoiseGenLightningModule(model=model, steps=1, model_steps=1, epsilon=EPSILON)
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
        rate = convolution_rate()  # before and after the contest
        self.seconds = side_by_side(
            {
                STRAIGHT: lambda: straight(contiguous, loader, noise),
                "ours, float32": lambda: sweep(pl_module, torch.float32),
                "ours, bfloat16": lambda: sweep(pl_module, torch.bfloat16),
            },
            self.turns,
        )
        rate = (rate + convolution_rate()) / 2
        floor = len(dataset) * T * flops_per_image(pl_module.model) / rate
        self.seconds[FLOOR] = [floor] * self.turns


def sweep(module: Any, dtype: torch.dtype) -> None:
    """The sweep as a round runs it."""
    batch_size = 128 if DEVICE == "cpu" else 1024
    contestant = Sweep(
        module, module.state, step_size=STEP, steps=T, batch_size=batch_size,
        class_rule=class_update.mean,
    )  # fmt: skip
    contestant.surrogate = FrozenModel(module.model, dtype)
    contestant.run()


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


def flops_per_image(model: nn.Module) -> float:
    """Of a forward pass and the gradient of the input: a convolution takes as many for each."""
    images, _ = float_batch(32)
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        FrozenModel(model)(images)
    return 2 * counter.get_total_flops() / len(images)


def convolution_rate() -> float:
    """FLOPs per second of the convolution that a ResNet-18 has most of, float32: 3×3, 64 to 64
    channels, 32×32; the best of ten."""
    images = torch.rand(128, 64, 32, 32, device=DEVICE).to(memory_format=torch.channels_last)
    weight = torch.rand(64, 64, 3, 3, device=DEVICE).to(memory_format=torch.channels_last)
    with torch.no_grad():
        best = min(seconds_of(lambda: conv2d(images, weight, padding=1)) for _ in range(10))
    return 2 * 128 * 32 * 32 * 64 * 64 * 9 / best
