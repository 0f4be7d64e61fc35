"""Images that are no squares go the same way as squares."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from unlearnable_lightning import (
    ClassifierModule,
    ImageFolderDataModule,
    NoiseGenLightningModule,
    NPYDataModule,
    NPZDataModule,
    Release,
    noise,
)
from unlearnable_lightning.checks.image_size import height_and_width
from unlearnable_lightning.cli import main
from unlearnable_lightning.data.shapes_images import draw_shapes
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.models import build_model
from unlearnable_lightning.rows import whole

SIZE = (12, 20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Drawings of 20×20 without the first rows."""
    images, labels = draw_shapes(60, seed=0, image_size=20)
    nhwc = images[:, :, 8:].permute(0, 2, 3, 1).numpy()
    np.save(tmp_path / "x.npy", nhwc)
    np.save(tmp_path / "y.npy", labels.numpy())
    np.savez(tmp_path / "x.npz", x_train=nhwc, x_test=nhwc, y_train=labels, y_test=labels)
    return tmp_path


@pytest.mark.parametrize("kind", ["files", "memory"])
def test_noise_is_made_and_a_victim_trained(
    kind: str, folder: Path, trainer: Callable[..., Any]
) -> None:
    def data(**kwargs: Any) -> Any:
        if kind == "memory":
            return NPZDataModule(str(folder / "x.npz"), batch_size=20, **kwargs)
        x, y = str(folder / "x.npy"), str(folder / "y.npy")
        return NPYDataModule(x, y, x, y, batch_size=20, **kwargs)

    assert data().image_size == SIZE
    facts = {"model": "cnn_small", "image_size": SIZE, "steps": 2}
    module = NoiseGenLightningModule(views=["RandomCropFlip"], **facts)
    trainer("noise").fit(module, data())
    path = folder / "noise" / "noise.safetensors"
    assert whole(Release.load(path).difference).shape == (60, 3, *SIZE)
    victim = ClassifierModule(attack="pgd", **facts)
    run = trainer("victim")
    run.fit(victim, data(noise=str(path)))
    run.test(victim, data())
    again = ClassifierModule.load_from_checkpoint(folder / "victim" / "checkpoints" / "last.ckpt")
    assert again.image_shape == (3, *SIZE)
    assert tuple(again.hparams.image_size) == SIZE


@pytest.mark.parametrize(
    "method", ["AR", "CUDA", "LSP", "OPS", "UniformClasswise", "UniformSamplewise"]
)
def test_closed_forms_take_them(method: str, folder: Path, trainer: Callable[..., Any]) -> None:
    module = getattr(noise, method)()
    trainer("run").fit(
        module, NPYDataModule(str(folder / "x.npy"), str(folder / "y.npy"), val_size=0)
    )
    assert module.noise().source.shape == (60, 3, *SIZE)
    assert whole(module.noise().difference).ne(0).any()


def test_the_command_line_takes_them_and_resumes(folder: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(folder)
    arguments = ["--model", "NoiseGenLightningModule", "--model.model", "lenet", "--data"]
    arguments += ["NPZDataModule", "--data.path", "x.npz", "--data.batch_size", "20"]
    arguments += ["--model.steps", "2", "--trainer.logger", "false", "--trainer.accelerator", "cpu"]
    arguments += ["--model.stop_error", "null", "--trainer.enable_progress_bar", "false"]
    main(["fit", *arguments, "--trainer.max_epochs", "1"])
    last = "checkpoints/last.ckpt"
    main(["fit", *arguments, "--trainer.max_epochs", "2", "--ckpt_path", last])
    assert Release.load("noise.safetensors").made_by["rounds"] == 2


def test_pictures_are_cropped_to_the_shape_that_is_wanted(tmp_path: Path) -> None:
    thirds = np.repeat(np.eye(3, dtype=np.uint8) * 255, 20, axis=0)  # 60 columns of RGB
    for split in ("train", "test"):
        for name in ("a", "b"):
            (tmp_path / split / name).mkdir(parents=True)
            picture = np.broadcast_to(thirds, (12, 60, 3)).copy()
            Image.fromarray(picture).save(tmp_path / split / name / "0.png")
    for cache in (None, str(tmp_path / "cache")):
        data = ImageFolderDataModule(str(tmp_path), SIZE, val_size=0, cache=cache)
        data.setup()
        image = whole(data.train_set.images)[0]
        assert image.shape == (3, *SIZE)
        assert image.float().mean((1, 2)).tolist() == [0, 255, 0]


def test_lenet_is_built_for_them() -> None:
    model = build_model("lenet", num_classes=7, in_channels=1, image_size=SIZE)
    assert model(torch.zeros(2, 1, *SIZE)).shape == (2, 7)


@pytest.mark.parametrize(
    "image_size", [0, -1, 2.5, True, "8", (8,), (8, 9, 10), (8, 0), (8, 9.5), (), None]
)
def test_other_sizes_are_refused(image_size: Any) -> None:
    with pytest.raises(UnlearnableError, match="image_size="):
        height_and_width(image_size)
