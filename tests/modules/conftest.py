"""Runs that take a second: few drawn images, the small CNN, no logger."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import pytest

from unlearnable_lightning import (
    ClassifierModule,
    NoiseGenLightningModule,
    ShapesDataModule,
)

Make = Callable[..., Any]


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
        settings = {"max_epochs": 2, "accelerator": "cpu", "default_root_dir": tmp_path / folder}
        return L.Trainer(**settings | quiet | kwargs)

    return make


@pytest.fixture
def generator() -> Make:
    def make(**kwargs: Any) -> NoiseGenLightningModule:
        small = {"model": "cnn_small", "image_size": 16, "steps": 4, "model_steps": 4}
        return NoiseGenLightningModule(**small | kwargs)

    return make


@pytest.fixture
def classifier() -> Make:
    def make(**kwargs: Any) -> ClassifierModule:
        return ClassifierModule(**{"model": "cnn_small", "image_size": 16, "steps": 3} | kwargs)

    return make
