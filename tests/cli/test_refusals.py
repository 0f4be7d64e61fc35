"""Bad input ends the command line with one clear line and a status other than 0."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from unlearnable_lightning import NPZDataModule, ShapesDataModule
from unlearnable_lightning.cli import main
from unlearnable_lightning.noise import Noise

Setup = Callable[[Path, Callable[..., Noise]], list[str]]


def noise_file(folder: Path, noise_for: Callable[..., Noise], **data: Any) -> Path:
    """Noise for the drawn shapes, which the command line trains on."""
    shapes = ShapesDataModule(**{"train_size": 100, "test_size": 60} | data)
    shapes.setup("fit")
    path = folder / "noise.safetensors"
    noise_for(shapes.train_set.source).save(path)
    return path


def write_npz(folder: Path, **changes: Any) -> Path:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (20, 16, 16, 3), dtype=np.uint8)
    arrays = {"x_train": images, "x_test": images, "y_train": np.arange(20) % 4}
    np.savez(folder / "data.npz", **arrays | {"y_test": np.arange(20) % 4} | changes)
    return folder / "data.npz"


def npz(folder: Path, **changes: Any) -> list[str]:
    return ["--data", "NPZDataModule", "--data.path", str(write_npz(folder, **changes))]


def folder_of_pictures(folder: Path, *files: str) -> list[str]:
    for split in ("train", "test"):
        for name in ("cats", "dogs"):
            (folder / split / name).mkdir(parents=True)
            Image.new("RGB", (8, 8)).save(folder / split / name / "1.png")
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text("no picture")
    return ["--data", "ImageFolderDataModule", "--data.root", str(folder)]


def other_data(folder: Path, noise_for: Any) -> list[str]:
    one_channel = NPZDataModule(
        str(write_npz(folder, x_train=np.zeros((20, 28, 28), dtype=np.uint8)))
    )
    one_channel.setup("fit")
    noise_for(one_channel.train_set.source).save(folder / "noise.safetensors")
    return ["--data.noise", str(folder / "noise.safetensors")]


def other_subset(folder: Path, noise_for: Any) -> list[str]:
    path = noise_file(folder, noise_for, train_subset=50, seed=1)
    return ["--data.noise", str(path), "--data.train_subset", "50"]


def other_order(folder: Path, noise_for: Any) -> list[str]:
    made_for = NPZDataModule(str(write_npz(folder)))
    made_for.setup("fit")
    noise_for(made_for.train_set.source).save(folder / "noise.safetensors")
    images = made_for.train_set.clean.permute(0, 2, 3, 1).numpy()[::-1]
    turned = npz(folder, x_train=images, y_train=(np.arange(20) % 4)[::-1])
    return [*turned, "--data.noise", str(folder / "noise.safetensors")]


def cut(folder: Path, noise_for: Any) -> list[str]:
    path = noise_file(folder, noise_for)
    path.write_bytes(path.read_bytes()[:-100])
    return ["--data.noise", str(path)]


def flipped(folder: Path, noise_for: Any) -> list[str]:
    path = noise_file(folder, noise_for)
    content = bytearray(path.read_bytes())
    content[-1000] ^= 1
    path.write_bytes(content)
    return ["--data.noise", str(path)]


def pickled(folder: Path, noise_for: Any) -> list[str]:
    path = folder / "noise.safetensors"
    path.write_bytes(pickle.dumps(np.zeros(10)))
    return ["--data.noise", str(path)]


def empty_class(folder: Path, noise_for: Any) -> list[str]:
    (folder / "train" / "birds").mkdir(parents=True)
    (folder / "test" / "birds").mkdir(parents=True)
    return folder_of_pictures(folder)


BAD: dict[str, tuple[Setup, str]] = {
    "noise for other data": (other_data, "was made for data/train and does not fit shapes/train"),
    "noise for another subset": (other_subset, "another subset, seed or order"),
    "noise for another order": (other_order, "another subset, seed or order"),
    "truncated noise file": (cut, "cannot be read"),
    "flipped bit": (flipped, "checksum differs"),
    "missing noise file": (lambda f, n: ["--data.noise", str(f / "none")], "no such file"),
    "pickle as noise file": (pickled, "cannot be read"),
    "eps given as 8": (lambda f, n: ["--model.epsilon", "8"], "Did you mean 8"),
    "eps of no number": (lambda f, n: ["--model.epsilon", "eight"], "is not a number"),
    "negative labels": (lambda f, n: npz(f, y_train=np.arange(20) % 4 - 1), "labels run from -1"),
    "test labels beyond the classes": (
        lambda f, n: npz(f, y_test=np.arange(20)),
        "to 19; with 4 classes",
    ),
    "float images": (lambda f, n: npz(f, x_train=np.zeros((20, 16, 16, 3))), "must be uint8"),
    "empty class folder": (empty_class, "is empty"),
    "file that is no picture": (
        lambda f, n: folder_of_pictures(f, "train/cats/readme.txt"),
        "is not a readable picture",
    ),
    "stray file": (lambda f, n: folder_of_pictures(f, "train/labels.csv"), "the file labels.csv"),
    "other classes in test": (
        lambda f, n: folder_of_pictures(f, "test/birds/1.png"),
        "must have those of train",
    ),
    "unknown model": (lambda f, n: ["--model.model", "resnet19"], "is not found"),
    "more validation than test images": (lambda f, n: ["--data.val_size", "60"], "must leave some"),
    "a subset larger than the data": (lambda f, n: ["--data.train_subset", "101"], "at most 100"),
}


@pytest.mark.parametrize(("setup", "message"), BAD.values(), ids=list(BAD))
def test_it_is_refused_before_training(
    setup: Setup, message: str, train: list[str], noise_for: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    def trained(*_: Any) -> None:
        raise AssertionError("training started")

    monkeypatch.setattr("unlearnable_lightning.ClassifierModule.training_step", trained)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as refusal:
        main(["fit", *train, *setup(tmp_path, noise_for)])
    assert str(refusal.value.code).startswith("error: ")
    assert message in str(refusal.value.code)


def test_an_error_of_another_kind_keeps_its_traceback(train: list[str], monkeypatch: Any) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("unlearnable_lightning.ClassifierModule.training_step", broken)
    with pytest.raises(ValueError, match="a bug"):
        main(["fit", *train])
