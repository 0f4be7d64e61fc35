"""Shared fixtures: real data where there is any, noise with an origin, runs that take a second."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from traps import Trap

from unlearnable_lightning import (
    ClassifierModule,
    NoiseGenLightningModule,
    ShapesDataModule,
)
from unlearnable_lightning.noise import NoiseDriver
from unlearnable_lightning.release import Bound, DataSource, Release

Make = Callable[..., Any]

# tiny tensors: two threads that share the cores with other work are ten times slower than one
torch.set_num_threads(1)

# where the runs of the tests compute; `gpu` takes them all to a CUDA device
ACCELERATOR = os.environ.get("UNLEARNABLE_ACCELERATOR", "cpu")
# two runs are compared bit by bit, which a GPU promises of its deterministic operations alone
DETERMINISTIC = "warn" if ACCELERATOR == "gpu" else None


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder with cifar10.npz and MNIST/raw."""
    folder = os.environ.get("UNLEARNABLE_DATA")
    if not folder:
        pytest.skip("UNLEARNABLE_DATA does not name a folder with cifar10.npz and MNIST/raw")
    return Path(folder)


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trap:
    """A module that nothing may import."""
    return Trap(tmp_path, monkeypatch)


@pytest.fixture
def noise_for() -> Callable[..., Release]:
    """Random noise at epsilon 8/255 for images of a `DataSource`; both bounds occur in it."""

    def make(source: DataSource, kind: str = "samplewise", seed: int = 0) -> Release:
        rows = source.shape[0] if kind == "samplewise" else len(source.class_names)
        random = torch.Generator().manual_seed(seed)
        values = torch.randint(-8, 9, (rows, *source.shape[1:]), generator=random)
        values.view(-1)[:2] = torch.tensor([-8, 8])
        return Release(
            difference=values.to(torch.int8),
            kind=kind,
            source=source,
            made_by={
                "class_path": "unlearnable_lightning.noise.NoiseGenLightningModule",
                "arguments": {"steps": 20, "model": "resnet18"},
                "seed": seed,
                "rounds": 3,
                "error": 0.0071,
                "finished": True,
            },
            bound=Bound("linf", 8 / 255),
            versions={"torch": torch.__version__},
        )

    return make


@pytest.fixture
def shapes() -> Make:
    def make(**kwargs: Any) -> ShapesDataModule:
        sizes = {"train_size": 100, "test_size": 60, "image_size": 16, "batch_size": 32}
        return ShapesDataModule(**sizes | kwargs)

    return make


@pytest.fixture
def trainer(tmp_path: Path) -> Make:
    def make(folder: str = "run", **kwargs: Any) -> L.Trainer:
        quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
        settings = {
            "max_epochs": 2,
            "accelerator": ACCELERATOR,
            "deterministic": DETERMINISTIC,
            "default_root_dir": tmp_path / folder,
        }
        return L.Trainer(**settings | quiet | kwargs)

    return make


@pytest.fixture
def generator() -> Make:
    def make(method: type[NoiseDriver] = NoiseGenLightningModule, **kwargs: Any) -> NoiseDriver:
        small = {"model": "cnn_small", "image_size": 16, "steps": 4, "model_steps": 4}
        return method(**small | kwargs)

    return make


@pytest.fixture
def classifier() -> Make:
    def make(**kwargs: Any) -> ClassifierModule:
        return ClassifierModule(**{"model": "cnn_small", "image_size": 16, "steps": 3} | kwargs)

    return make
