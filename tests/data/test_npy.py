"""Two `.npy` files give what the same images give in memory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from unlearnable_lightning.data import NPYDataModule, NPZDataModule
from unlearnable_lightning.data.shapes_images import draw_shapes
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import Release
from unlearnable_lightning.rows import AnyRows, whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for split, count in (("train", 60), ("test", 30)):
        images, labels = draw_shapes(count, seed=count, image_size=16)
        np.save(tmp_path / f"x_{split}.npy", images.permute(0, 2, 3, 1).numpy())
        np.save(tmp_path / f"y_{split}.npy", labels.numpy().astype(np.int32))
    arrays = {path.stem: np.load(path) for path in tmp_path.glob("*.npy")}
    np.savez(tmp_path / "x_train.npz", **arrays)
    return tmp_path


def from_files(folder: Path, **kwargs: Any) -> NPYDataModule:
    names = [str(folder / f"{x}_{split}.npy") for split in ("train", "test") for x in "xy"]
    data = NPYDataModule(*names, **kwargs)
    data.setup()
    return data


def from_memory(folder: Path, **kwargs: Any) -> NPZDataModule:
    data = NPZDataModule(str(folder / "x_train.npz"), **kwargs)
    data.setup()
    return data


def same(a: AnyRows, b: AnyRows) -> bool:
    return torch.equal(whole(a), whole(b))


@pytest.mark.parametrize("kind", [None, "samplewise", "classwise"])
@pytest.mark.parametrize("part", [{}, {"poison_rate": 0.4}, {"train_subset": 30}])
def test_they_are_the_images_of_an_archive(
    folder: Path, kind: str | None, part: dict[str, Any], noise_for: Callable[..., Release]
) -> None:
    if kind is not None:
        subset = {key: value for key, value in part.items() if key == "train_subset"}
        noise_for(from_files(folder, **subset).train_set.source, kind).save(folder / "noise")
    elif "poison_rate" in part:
        return
    arguments = part | {"noise": None if kind is None else str(folder / "noise")}
    arguments |= {"poisoned_val_size": 10}
    files, memory = from_files(folder, **arguments), from_memory(folder, **arguments)
    for name in ("train_set", "val_set", "poisoned_val_set", "test_set"):
        ours, theirs = getattr(files, name), getattr(memory, name)
        assert not ours.in_memory
        assert theirs.in_memory
        assert ours.source == theirs.source
        assert ours.served_sha256 == theirs.served_sha256
        assert same(ours.images, theirs.images)
        assert same(ours.clean, theirs.clean)
        for key in ("labels", "poisoned", "index"):
            assert torch.equal(getattr(ours, key), getattr(theirs, key))
    batches = zip(files.train_dataloader(), memory.train_dataloader(), strict=True)
    assert all(torch.equal(a[key], b[key]) for a, b in batches for key in a)
    assert (files.num_classes, files.in_channels, files.image_size) == (10, 3, 16)


def test_grey_images_have_one_channel(folder: Path) -> None:
    grey = np.load(folder / "x_train.npy")[..., 0]
    np.save(folder / "grey.npy", grey)
    data = NPYDataModule(str(folder / "grey.npy"), str(folder / "y_train.npy"), val_size=0)
    data.setup("fit")
    assert np.array_equal(whole(data.train_set.images)[:, 0].numpy(), grey)
    assert (data.name, data.in_channels) == ("grey", 1)
    with pytest.raises(UnlearnableError, match=r"test_images is not given.*val_size=0"):
        data.setup("test")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    ("name", "spoil", "message"),
    [
        ("x_train", lambda path: path.unlink(), "x_train.npy cannot be read"),
        ("y_train", lambda path: path.unlink(), "y_train.npy cannot be read"),
        ("x_train", cut, "x_train.npy has .* bytes; its header says"),
        ("y_train", cut, "y_train.npy cannot be read"),
        ("x_train", lambda path: path.write_bytes(b""), "x_train.npy cannot be read"),
        ("x_train", lambda path: np.save(path, np.zeros((60, 16, 16, 3))), "float64.*uint8"),
        ("y_train", lambda path: np.save(path, np.zeros((60, 2), int)), "argmax"),
        ("y_train", lambda path: np.save(path, np.arange(9)), "60 images and 9 labels"),
        ("y_train", lambda path: np.save(path, np.array([{}])), "one integer label"),
        (
            "x_train",
            lambda path: np.save(path, np.asfortranarray(np.load(path))),
            "Fortran order",
        ),
        (
            "x_test",
            lambda path: np.save(path, np.zeros((30, 8, 8, 3), np.uint8)),
            "C×H×W",
        ),
    ],
)
def test_other_files_are_refused(
    folder: Path, name: str, spoil: Callable[[Path], object], message: str
) -> None:
    spoil(folder / f"{name}.npy")
    with pytest.raises(UnlearnableError, match=message):
        from_files(folder)


def test_test_images_come_with_their_labels() -> None:
    with pytest.raises(UnlearnableError, match="give both, or neither"):
        NPYDataModule("x.npy", "y.npy", test_images="z.npy")
