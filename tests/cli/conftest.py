"""Arguments of runs that take a second."""

import pytest

DATA = ["--data", "ShapesDataModule", "--data.train_size", "100", "--data.test_size", "60"]
TRAINER = [
    *["--trainer.max_epochs", "2", "--trainer.logger", "false", "--trainer.accelerator", "cpu"],
    *["--trainer.enable_progress_bar", "false", "--trainer.enable_model_summary", "false"],
]


@pytest.fixture(scope="module")
def generate() -> list[str]:
    """Arguments after `fit` that make noise for the drawn shapes."""
    model = ["--model", "NoiseGenLightningModule", "--model.model", "cnn_small"]
    return [*model, "--model.steps", "3", "--model.model_steps", "3", *DATA, *TRAINER]


@pytest.fixture(scope="module")
def train() -> list[str]:
    """Arguments after `fit` that train on the drawn shapes."""
    model = ["--model", "ClassifierModule", "--model.model", "cnn_small", "--model.steps", "2"]
    return [*model, *DATA, *TRAINER]
