"""Bad input ends the command line with one clear line and a status other than 0, before training
starts, and an earlier run in the same folder stays as it was."""

import pickle
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from bad_arguments import BAD_ARGUMENTS
from filelock import FileLock
from PIL import Image

from unlearnable_lightning import NPZDataModule, ShapesDataModule
from unlearnable_lightning.cli import main
from unlearnable_lightning.release import Release

Setup = Callable[[Path, Callable[..., Release]], list[str]]


def noise_file(folder: Path, noise_for: Callable[..., Release], **data: Any) -> Path:
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


def other_names(folder: Path) -> list[str]:
    np.savez(folder / "data.npz", images=np.zeros((2, 8, 8), np.uint8), labels=np.arange(2))
    return ["--data", "NPZDataModule", "--data.path", str(folder / "data.npz")]


def training_images_alone(folder: Path) -> list[str]:
    images = np.zeros((4, 16, 16, 3), np.uint8)
    np.savez(folder / "data.npz", x_train=images, y_train=np.arange(4) % 2)
    return ["--data", "NPZDataModule", "--data.path", str(folder / "data.npz")]


def one_folder(folder: Path, noise_for: Any) -> list[str]:
    arguments = folder_of_pictures(folder)
    for split in ("train", "test"):
        shutil.rmtree(folder / split / "dogs")
    return arguments


def picture_without_range(folder: Path, noise_for: Any) -> list[str]:
    arguments = folder_of_pictures(folder)
    Image.new("F", (8, 8), 0.5).save(folder / "train" / "dogs" / "1.tiff")
    return arguments


def other_data(folder: Path, noise_for: Any) -> list[str]:
    grey = np.zeros((20, 28, 28), dtype=np.uint8)
    one_channel = NPZDataModule(str(write_npz(folder, x_train=grey, x_test=grey)))
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


def payload(folder: Path, noise_for: Any) -> list[str]:
    class Payload:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (folder / "executed",)

    torch.save({"state_dict": {}, "hyper_parameters": Payload()}, folder / "bad.ckpt")
    return ["--ckpt_path", str(folder / "bad.ckpt")]


def checkpoint_of_another_module(folder: Path, noise_for: Any) -> list[str]:
    path = "unlearnable_lightning.noise.driver.NoiseGenLightningModule"
    torch.save({"hyper_parameters": {"_class_path": path}}, folder / "noise.ckpt")
    return ["--ckpt_path", str(folder / "noise.ckpt")]


def run_at_work(folder: Path, noise_for: Any) -> list[str]:
    there = folder / "there"
    there.mkdir()
    holder = FileLock(there / ".lock")
    holder.acquire()
    HELD.append(holder)
    return ["--trainer.default_root_dir", str(there)]


def finished_run(folder: Path, noise_for: Any) -> list[str]:
    (folder / "there" / "checkpoints").mkdir(parents=True)
    (folder / "there" / "checkpoints" / "last.ckpt").write_bytes(b"weights")
    (folder / "there" / "config.yaml").write_text("theirs")
    return ["--trainer.default_root_dir", str(folder / "there")]


HELD: list[FileLock] = []
BAD_FILES: dict[str, tuple[Setup, str]] = {
    "noise for other data": (other_data, "was made for data/train and does not fit shapes/train"),
    "noise for another subset": (other_subset, "another subset, seed or order"),
    "noise for another order": (other_order, "another subset, seed or order"),
    "cut noise file": (cut, "cannot be read"),
    "flipped bit": (flipped, "checksum differs"),
    "pickle as noise file": (pickled, "cannot be read"),
    "checkpoint that runs code": (payload, "holds more than tensors"),
    "checkpoint of another module": (checkpoint_of_another_module, "made by NoiseGenLightning"),
    "a run at work in the folder": (run_at_work, "another run is at work"),
    "a finished run in the folder": (finished_run, "exists already. Resume that run"),
    "negative labels": (lambda f, n: npz(f, y_train=np.arange(20) % 4 - 1), "labels run from -1"),
    "test labels beyond the classes": (
        lambda f, n: npz(f, y_test=np.arange(20)),
        "to 19; with 4 classes",
    ),
    "labels that are no integers": (
        lambda f, n: npz(f, y_train=np.full(20, np.nan)),
        "one integer label per image",
    ),
    "fewer labels than images": (
        lambda f, n: npz(f, y_train=np.arange(10) % 4),
        "as many labels as images",
    ),
    "float images": (lambda f, n: npz(f, x_train=np.zeros((20, 16, 16, 3))), "must be uint8"),
    "images of NaN": (
        lambda f, n: npz(f, x_train=np.full((20, 16, 16, 3), np.nan)),
        "must be uint8",
    ),
    "no images": (
        lambda f, n: npz(f, x_train=np.zeros((0, 16, 16, 3), np.uint8), y_train=np.arange(0)),
        "at least one",
    ),
    "images of two channels": (
        lambda f, n: npz(f, x_train=np.zeros((20, 16, 16, 2), np.uint8)),
        "one or three channels",
    ),
    "images without pixels": (
        lambda f, n: npz(f, x_train=np.zeros((20, 16, 0, 3), np.uint8)),
        "image_size=0",
    ),
    "training images that are no squares and test images that are": (
        lambda f, n: npz(f, x_train=np.zeros((20, 16, 8, 3), np.uint8)),
        "have C×H×W",
    ),
    "channels before height and width": (
        lambda f, n: npz(f, x_train=np.zeros((20, 3, 16, 16), np.uint8)),
        "x.transpose(0, 2, 3, 1)",
    ),
    "gray training images and colour test images": (
        lambda f, n: npz(f, x_train=np.zeros((20, 16, 16), np.uint8)),
        "data/test: images have C×H×W (3, 16, 16), where training images have (1, 16, 16)",
    ),
    "one-hot labels": (lambda f, n: npz(f, y_train=np.eye(20, 4)), "y.argmax(axis=1)"),
    "labels from 1": (
        lambda f, n: npz(f, y_train=np.arange(20) % 4 + 1),
        "no image has the label 0. They must count from 0",
    ),
    "one class": (
        lambda f, n: npz(f, y_train=np.zeros(20, int), y_test=np.zeros(20, int)),
        "at least 2 classes",
    ),
    "arrays of other names": (lambda f, n: other_names(f), "its arrays are: images, labels"),
    "arrays of objects": (
        lambda f, n: npz(f, x_train=np.array([None] * 20)),
        "x_train holds Python objects as a pickle",
    ),
    "validation without test images": (
        lambda f, n: training_images_alone(f),
        "training images alone",
    ),
    "one folder of pictures": (one_folder, "at least 2 classes"),
    "a picture without a range": (
        picture_without_range,
        "1.tiff is not a readable picture (mode F",
    ),
    "no archive": (
        lambda f, n: ["--data", "NPZDataModule", "--data.path", str(f / "none.npz")],
        "cannot be read",
    ),
    "no folder of pictures": (
        lambda f, n: ["--data", "ImageFolderDataModule", "--data.root", str(f / "none")],
        "there is no folder",
    ),
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
}
EARLIER = {
    "noise.safetensors": b"earlier noise",
    "checkpoints/last.ckpt": b"earlier weights",
    "config.yaml": b"earlier: config",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working folder, with the files of an earlier run; training in it fails the test."""

    def trained(*_: Any) -> None:
        raise AssertionError("training started")

    for module in ("ClassifierModule", "NoiseGenLightningModule"):
        monkeypatch.setattr(f"unlearnable_lightning.{module}.training_step", trained)
    (tmp_path / "checkpoints").mkdir()
    for name, content in EARLIER.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    while HELD:
        HELD.pop().release()


def refusal(arguments: list[str]) -> tuple[int, str]:
    """Exit status, and the message if the library itself refused."""
    with pytest.raises(SystemExit) as end:
        main(["fit", *arguments])
    code = end.value.code
    return (1, code) if isinstance(code, str) else (int(code or 0), "")


@pytest.mark.parametrize(
    ("command", "arguments", "code", "message"), BAD_ARGUMENTS.values(), ids=list(BAD_ARGUMENTS)
)
def test_wrong_arguments(
    command: str, arguments: list[str], code: int, message: str, folder: Path,
    capsys: Any, request: Any,
) -> None:  # fmt: skip
    status, text = refusal([*request.getfixturevalue(command), *arguments])
    printed = capsys.readouterr().err
    assert status == code
    assert message in (text or printed)
    assert text.startswith("error: ") or (code == 2 and "\nSee " not in printed)
    assert "usage:" not in printed
    assert len(text.splitlines()) <= 1
    assert {name: (folder / name).read_bytes() for name in EARLIER} == EARLIER


@pytest.mark.filterwarnings("ignore:Initializing zero-element")  # of the network for no class
@pytest.mark.parametrize(("setup", "message"), BAD_FILES.values(), ids=list(BAD_FILES))
def test_wrong_files(
    setup: Setup, message: str, train: list[str], noise_for: Any, folder: Path, tmp_path: Path
) -> None:
    (folder / "input").mkdir()
    arguments = setup(folder / "input", noise_for)
    given = snapshot(folder)
    status, text = refusal([*train, *arguments])
    assert status == 1
    assert text.startswith("error: ")
    assert message in text
    assert snapshot(folder) | given == snapshot(folder)  # nothing was changed or removed
    assert not (folder / "input" / "executed").exists()


def snapshot(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_error_of_another_kind_keeps_its_traceback(
    train: list[str], monkeypatch: Any, tmp_path: Path
) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("a bug")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("unlearnable_lightning.ClassifierModule.training_step", broken)
    with pytest.raises(ValueError, match="a bug"):
        main(["fit", *train])
