"""Settings that cannot work on these modules are refused first; the Tuner works on a classifier."""

from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import BatchSizeFinder, LearningRateFinder
from lightning.pytorch.tuner import Tuner

from unlearnable_lightning import Release, UnlearnableError


@pytest.mark.parametrize("method", ["lr_find", "scale_batch_size"])
def test_the_tuner_is_refused_on_a_generator_which_then_fits(
    method: str, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    run, module = trainer(), generator(steps=1)
    with pytest.raises(UnlearnableError, match="Finder cannot run on a generator"):
        getattr(Tuner(run), method)(module, datamodule=shapes())
    assert not (tmp_path / "run").exists()
    run.fit(module, shapes())
    assert Release.load(tmp_path / "run" / "noise.safetensors").finished


@pytest.mark.parametrize("finder", [LearningRateFinder, BatchSizeFinder])
def test_a_finder_among_the_callbacks_of_a_generator_is_refused(
    finder: Any, generator: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    with pytest.raises(UnlearnableError, match=f"{finder.__name__} cannot run on a generator"):
        trainer(callbacks=[finder()]).fit(generator(), shapes())
    assert not (tmp_path / "run").exists()


def test_the_tuner_finds_rate_and_batch_of_a_classifier_which_then_fits(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    data, module = shapes(batch_size=4), classifier()
    run = trainer()
    Tuner(run).lr_find(module, datamodule=data, num_training=25)
    assert module.lr != 0.1
    Tuner(run).scale_batch_size(module, datamodule=data, init_val=4, max_trials=3)
    assert data.batch_size > 4
    run.fit(module, data)
    assert run.current_epoch == 2
    assert torch.isfinite(module.model[-1].weight).all()


@pytest.mark.parametrize(
    ("command", "sizes", "refused"),
    [
        ("fit", {"train_size": 10, "val_size": 0}, "10 train images for 12 devices"),
        ("fit", {"val_size": 3}, "3 val images for 12 devices"),
        ("validate", {"val_size": 3}, "3 val images for 12 devices"),
        ("test", {"val_size": 57}, "3 test images for 12 devices"),
        ("predict", {"train_size": 10}, "10 train images for 12 devices"),
    ],
)
@pytest.mark.parametrize("kind", ["generator", "classifier"])
def test_each_device_needs_an_image(
    kind: str, command: str, sizes: Any, refused: str, shapes: Any, trainer: Any, request: Any,
    monkeypatch: Any,
) -> None:  # fmt: skip
    monkeypatch.setattr(L.Trainer, "world_size", property(lambda self: 12))
    with pytest.raises(UnlearnableError, match=f"{refused}: .* --trainer.devices"):
        getattr(trainer(), command)(request.getfixturevalue(kind)(), shapes(**sizes))


def test_a_generator_without_noise_says_so(generator: Any) -> None:
    with pytest.raises(UnlearnableError, match="holds no noise"):
        generator().noise()
