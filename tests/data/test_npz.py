import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from unlearnable_lightning.data import NPZDataModule
from unlearnable_lightning.errors import UnlearnableError


def arrays(channels: int | None = 3) -> dict[str, np.ndarray]:
    """12 training and 8 test images of 4 classes, 6×6."""
    draw = np.random.default_rng(0)
    shape = (6, 6) if channels is None else (6, 6, channels)
    return {
        "x_train": draw.integers(0, 256, (12, *shape), dtype=np.uint8),
        "y_train": np.arange(12) % 4,
        "x_test": draw.integers(0, 256, (8, *shape), dtype=np.uint8),
        "y_test": np.arange(8) % 4,
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    def write(**changes: Any) -> str:
        kept = {key: value for key, value in (arrays() | changes).items() if value is not None}
        np.savez_compressed(tmp_path / "toys.npz", **kept)
        return str(tmp_path / "toys.npz")

    return write


@pytest.mark.parametrize("channels", [None, 1, 3])
def test_images_are_read_as_they_are(write: Callable[..., str], channels: int | None) -> None:
    given = arrays(channels)
    data = NPZDataModule(write(**given), val_size=0)
    data.setup()
    for part, split in ((data.train_set, "train"), (data.test_set, "test")):
        expected = given[f"x_{split}"].reshape(-1, 6, 6, channels or 1).transpose(0, 3, 1, 2)
        assert np.array_equal(part.images.numpy(), expected)
        assert part.labels.tolist() == given[f"y_{split}"].tolist()
    assert (data.name, data.num_classes, data.in_channels, data.image_size) == (
        "toys",
        4,
        channels or 1,
        6,
    )


@pytest.mark.parametrize("dtype", ["uint8", "int32", ">i4", "uint64"])
def test_labels_of_any_integer_type_are_read(write: Callable[..., str], dtype: str) -> None:
    data = NPZDataModule(write(y_train=(np.arange(12) % 4).astype(dtype)))
    assert data.num_classes == 4
    data.setup()
    assert data.train_set.labels.tolist() == (np.arange(12) % 4).tolist()


def test_number_of_classes_may_be_given(write: Callable[..., str]) -> None:
    data = NPZDataModule(write(), num_classes=7)
    data.setup()
    assert data.num_classes == len(data.train_set.source.class_names) == 7


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_train": arrays()["x_train"] / 255}, r"x_train is float64.*must be uint8.*255"),
        ({"x_test": arrays()["x_test"].astype(np.int16)}, "x_test is int16"),
        ({"x_train": arrays()["x_train"][0, 0]}, r"x_train is uint8 of shape \(6, 3\)"),
        ({"x_train": arrays()["x_train"].transpose(0, 3, 1, 2)}, "one or three channels"),
        ({"x_train": arrays()["x_train"][:, 1:]}, "5×6; they must be square"),
        ({"x_train": arrays()["x_train"][1:]}, "11 images and 12 labels"),
        ({"x_test": arrays()["x_test"][:0], "y_test": np.arange(0)}, "test"),
        ({"y_train": np.arange(12) / 4}, "y_train is float64"),
        ({"y_train": np.array(list("abcdabcdabcd"))}, "y_train is <U1"),
        ({"y_test": np.zeros((8, 1), int)}, r"y_test is int64 of shape \(8, 1\)"),
        ({"y_train": np.arange(12) - 1}, "labels run from -1 to 10"),
        ({"y_train": np.full(12, -1)}, "labels run from -1 to -1"),
        ({"y_test": np.arange(8)}, "labels run from 0 to 7; with 4 classes"),
        ({"y_test": None}, "cannot be read.*y_test"),
        ({"x_train": np.array(["a", None] * 6, dtype=object)}, "cannot be read"),
        ({"y_train": np.array([1, "cat"] * 6, dtype=object)}, "cannot be read"),
    ],
)
def test_bad_archives_are_refused(
    write: Callable[..., str], changes: dict[str, Any], message: str
) -> None:
    path = write(**changes)
    with pytest.raises(UnlearnableError, match=message) as error:
        NPZDataModule(path, val_size=0).setup()
    assert path in str(error.value) or "toys/t" in str(error.value)


@pytest.mark.parametrize("fact", ["num_classes", "in_channels", "image_size"])
@pytest.mark.parametrize("labels", [np.array(list("abcdabcdabcd")), np.zeros((12, 2))])
def test_facts_of_a_bad_archive_are_refused_too(
    write: Callable[..., str], fact: str, labels: np.ndarray
) -> None:
    """The command line asks for them before `setup`."""
    with pytest.raises(UnlearnableError, match="one integer label per image"):
        getattr(NPZDataModule(write(y_train=labels)), fact)


def lone_array(path: Path) -> None:
    with open(path, "wb") as file:
        np.save(file, arrays()["x_train"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("label,image\n1,2\n"),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(b"\x80\x04K\x01."),
        lone_array,
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["missing", "empty", "text", "cut", "pickle", "npy", "folder"],
)
def test_what_is_no_archive_is_refused(
    write: Callable[..., str], spoil: Callable[[Path], Any]
) -> None:
    path = write()
    spoil(Path(path))
    with pytest.raises(UnlearnableError, match=r"cannot be read.*numpy.savez") as error:
        NPZDataModule(path).setup()
    assert f"path={path}" in str(error.value)


class Payload:
    """A pickle that creates a file as soon as it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def test_pickled_objects_are_not_run(write: Callable[..., str], tmp_path: Path) -> None:
    path = write(y_train=np.array([Payload(tmp_path / "trace")] * 12, dtype=object))
    with pytest.raises(UnlearnableError, match="cannot be read"):
        NPZDataModule(path).setup()
    assert not (tmp_path / "trace").exists()
    with np.load(path, allow_pickle=True) as archive:
        assert len(archive["y_train"]) == 12
    assert (tmp_path / "trace").exists(), "the payload was harmless, so this test shows nothing"


def test_damaged_archive_is_refused_or_reads_as_images(write: Callable[..., str]) -> None:
    """Flipped bits: a zip checks its contents, but not all of its own tables."""
    path = write()
    saved = Path(path).read_bytes()
    chance = random.Random(0)
    refused = 0
    for _ in range(300):
        data = bytearray(saved)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        Path(path).write_bytes(data)
        try:
            NPZDataModule(path).setup()
        except UnlearnableError:
            refused += 1
    assert refused > 100


@pytest.mark.real_data
def test_cifar10_archive(real_data: Path) -> None:
    data = NPZDataModule(os.fspath(real_data / "cifar10.npz"), train_subset=1000)
    assert (data.name, data.num_classes, data.in_channels, data.image_size) == (
        "cifar10",
        10,
        3,
        32,
    )
    data.setup()
    assert data.train_set.images.shape == (1000, 3, 32, 32)
    assert data.train_set.labels.bincount().tolist() == [100] * 10
    assert len(data.test_set) == 5000
    # photos are smooth: wrongly ordered axes would make neighbours differ as much as strangers
    images = data.train_set.images.float()
    neighbours = (images[..., 1:] - images[..., :-1]).abs().mean()
    strangers = (images - images.roll(1, 0)).abs().mean()
    assert neighbours < strangers / 4
    assert images.std(dim=1).mean() < torch.std(images) / 2
