"""Checkpoints go from a notebook to the command line and back; all commands work on them."""

import json
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pytest
import torch

from unlearnable_lightning import (
    ClassifierModule,
    NoiseGenLightningModule,
    Release,
    ShapesDataModule,
    poison,
)
from unlearnable_lightning.cli import main


@pytest.fixture(autouse=True)
def _in_tmp_path(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)


def shapes(**kwargs: Any) -> ShapesDataModule:
    return ShapesDataModule(train_size=100, test_size=60, **kwargs)


def notebook_trainer(**kwargs: Any) -> L.Trainer:
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    return L.Trainer(max_epochs=2, accelerator="cpu", **quiet | kwargs)


@pytest.mark.parametrize("command", ["test", "validate", "predict"])
def test_a_classifier_of_the_command_line(command: str, train: list[str]) -> None:
    main(["fit", *train, "--model.epsilon", "4/255"])
    main([command, *train, "--ckpt_path", "checkpoints/last.ckpt"])
    if command == "predict":
        assert len(Path("predictions.csv").read_text().splitlines()) == 101
    module = ClassifierModule.load_from_checkpoint("checkpoints/last.ckpt")
    assert module.epsilon == 4 / 255
    notebook_trainer().test(module, shapes(), verbose=False)
    assert len(module.table) == 3


def test_fit_goes_on_with_test_and_a_resumed_fit_too(train: list[str]) -> None:
    main(["fit", *train])
    main(["test", *train, "--ckpt_path", "checkpoints/last.ckpt"])
    apart = json.loads(Path("test.json").read_text())["table"]
    again = ["--test_after_fit", "true", "--ckpt_path", "checkpoints/last.ckpt"]
    for arguments in (["--test_after_fit", "true"], again):
        Path("test.json").unlink()
        if arguments != again:
            Path("checkpoints/last.ckpt").unlink()
        main(["fit", *train, *arguments])
        together = json.loads(Path("test.json").read_text())["table"]
        for one, other in zip(apart, together, strict=True):
            assert (one["weights"], one["attack"]) == (other["weights"], other["attack"])
            if one["attack"] != "pgd":  # it starts at a random place
                assert one == other


def test_the_config_of_a_training_stays_in_place(train: list[str]) -> None:
    main(["fit", *train, "--model.epsilon", "4/255"])
    before = Path("config.yaml").read_text()
    main(["test", *train, "--ckpt_path", "checkpoints/last.ckpt"])
    assert Path("config.yaml").read_text() == before


def test_a_classifier_of_a_notebook(train: list[str]) -> None:
    module = ClassifierModule(model="cnn_small", epsilon="4/255", steps=2)
    notebook_trainer().fit(module, shapes())
    main(["test", *train, "--ckpt_path", "checkpoints/last.ckpt"])
    result = json.loads(Path("test.json").read_text())
    assert result["arguments"]["epsilon"] == "4/255"
    main(["fit", *train, "--ckpt_path", "checkpoints/last.ckpt", "--trainer.max_epochs", "3"])
    checkpoint = torch.load("checkpoints/last.ckpt", weights_only=True)
    assert checkpoint["epoch"] == 2


def test_a_generator_of_the_command_line(generate: list[str]) -> None:
    main(["fit", *generate])
    for command in ("test", "validate"):
        main([command, *generate, "--ckpt_path", "checkpoints/last.ckpt"])
    module = NoiseGenLightningModule.load_from_checkpoint("checkpoints/last.ckpt")
    assert module.deltas.rounds == 2
    assert module.deltas.delta is not None


def test_a_generator_of_a_notebook_resumes_on_the_command_line(generate: list[str]) -> None:
    module = NoiseGenLightningModule(model="cnn_small", steps=3, model_steps=3)
    notebook_trainer().fit(module, shapes())
    main(["fit", *generate, "--ckpt_path", "checkpoints/last.ckpt", "--trainer.max_epochs", "3"])
    assert Release.load("noise.safetensors").made_by["rounds"] == 3


@pytest.mark.parametrize("source", ["checkpoint", "noise file"])
def test_predict_writes_the_poisoned_images(source: str, generate: list[str]) -> None:
    main(["fit", *generate])
    how = {
        "checkpoint": ["--ckpt_path", "checkpoints/last.ckpt"],
        "noise file": ["--data.noise", "noise.safetensors"],
    }
    main(["predict", *generate, *how[source]])
    data = shapes()
    data.setup("fit")
    release = Release.load("noise.safetensors")
    expected = poison(data.train_set.clean, data.train_set.labels, release)
    with np.load("poisoned.npz") as written:
        assert np.array_equal(written["x_train"], expected.permute(0, 2, 3, 1).numpy())
        assert np.array_equal(written["y_train"], data.train_set.labels.numpy())


def test_a_training_on_noise_is_on_the_poisoned_images(
    generate: list[str], train: list[str], monkeypatch: Any
) -> None:
    main(["fit", *generate])
    seen: dict[int, torch.Tensor] = {}
    step = ClassifierModule.training_step

    def record(self: Any, batch: Any, batch_idx: int) -> Any:
        seen.update(zip(batch["index"].tolist(), batch["image"], strict=True))
        return step(self, batch, batch_idx)

    monkeypatch.setattr(ClassifierModule, "training_step", record)
    elsewhere = ["--trainer.default_root_dir", "victim"]
    main(["fit", *train, *elsewhere, "--data.noise", "noise.safetensors"])
    data = shapes()
    data.setup("fit")
    release = Release.load("noise.safetensors")
    expected = poison(data.train_set.clean, data.train_set.labels, release)
    assert len(seen) == 100
    assert all(torch.equal(image, expected[row] / 255) for row, image in seen.items())
