"""CIFAR-10 and MNIST: torchvision reads them, and says where files go if it cannot."""

import gzip
import pickle
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
import torch

from unlearnable_lightning.data import CIFAR10DataModule, MNISTDataModule
from unlearnable_lightning.data.torchvision_source import TorchvisionDataModule
from unlearnable_lightning.errors import UnlearnableError

both = pytest.mark.parametrize(
    ("module", "files"),
    [(CIFAR10DataModule, "cifar-10-batches-py"), (MNISTDataModule, "MNIST/raw")],
)


@both
@pytest.mark.parametrize(
    "error", [URLError("no route to host"), RuntimeError("Error downloading"), TimeoutError("slow")]
)
@pytest.mark.parametrize("method", ["prepare_data", "setup"])
def test_offline_machine_is_told_where_the_files_go(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    module: type[TorchvisionDataModule],
    files: str,
    error: Exception,
    method: str,
) -> None:
    class Offline:
        def __init__(self, *_: Any, **__: Any) -> None:
            raise error

    monkeypatch.setattr(module, "dataset_class", Offline)
    data = module(root=str(tmp_path / "files"))
    with pytest.raises(UnlearnableError, match="could not be downloaded") as refusal:
        getattr(data, method)()
    for part in (f"root={tmp_path / 'files'}", str(error), files, "put the folder"):
        assert part in str(refusal.value)


def idx(array: np.ndarray) -> bytes:
    """The format of the MNIST files: type and dimensions, sizes, bytes."""
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.astype(np.uint8).tobytes()


@pytest.fixture
def digits(tmp_path: Path) -> dict[str, np.ndarray]:
    """A small MNIST in `tmp_path`."""
    draw = np.random.default_rng(0)
    folder = tmp_path / "MNIST" / "raw"
    folder.mkdir(parents=True)
    arrays = {}
    for split, count in (("train", 30), ("t10k", 20)):
        arrays[f"{split}-images-idx3"] = draw.integers(0, 256, (count, 28, 28))
        arrays[f"{split}-labels-idx1"] = draw.permutation(count) % 10
    for name, array in arrays.items():
        (folder / f"{name}-ubyte").write_bytes(idx(array))
    return arrays


def test_mnist_is_read_from_its_files(digits: dict[str, np.ndarray], tmp_path: Path) -> None:
    data = MNISTDataModule(root=str(tmp_path), val_size=0)
    data.prepare_data()
    data.setup()
    for part, split in ((data.train_set, "train"), (data.test_set, "t10k")):
        assert np.array_equal(part.images[:, 0].numpy(), digits[f"{split}-images-idx3"])
        assert part.labels.tolist() == digits[f"{split}-labels-idx1"].tolist()
    assert data.train_set.images.shape == (30, data.in_channels, data.image_size, data.image_size)


@pytest.mark.parametrize(
    "damage",
    [b"", b"\0\0\x08\x03\0\0\0\x05", gzip.compress(b"digits")],
    ids=["empty", "cut", "another archive"],  # the archive holds the time: no name for a test
)
def test_damaged_mnist_is_refused(
    digits: dict[str, np.ndarray], tmp_path: Path, damage: bytes
) -> None:
    (tmp_path / "MNIST" / "raw" / "train-images-idx3-ubyte").write_bytes(damage)
    with pytest.raises(UnlearnableError, match="MNIST"):
        MNISTDataModule(root=str(tmp_path)).setup()


def test_cifar10_is_read_from_its_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Files in torchvision's layout; their checksums, and they alone, are not looked at."""
    draw = np.random.default_rng(0)
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    names = [*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"]
    batches = {}
    for name in names:
        pixels = draw.integers(0, 256, (10, 3 * 32 * 32), dtype=np.uint8)
        batches[name] = {"data": pixels, "labels": draw.permutation(10).tolist()}
        (folder / name).write_bytes(pickle.dumps(batches[name]))
    (folder / "batches.meta").write_bytes(pickle.dumps({"label_names": list("abcdefghij")}))
    monkeypatch.setattr("torchvision.datasets.cifar.check_integrity", lambda *_: True)
    data = CIFAR10DataModule(root=str(tmp_path), val_size=0)
    data.prepare_data()
    data.setup()
    pixels = np.concatenate([batches[name]["data"] for name in names[:5]])
    assert np.array_equal(data.train_set.images.numpy(), pixels.reshape(50, 3, 32, 32))
    labels = np.concatenate([batches[name]["labels"] for name in names[:5]])
    assert data.train_set.labels.tolist() == labels.tolist()
    assert data.test_set.labels.tolist() == batches["test_batch"]["labels"]
    assert (data.num_classes, data.in_channels, data.image_size) == (10, 3, 32)


@pytest.mark.real_data
def test_real_mnist(real_data: Path) -> None:
    data = MNISTDataModule(root=str(real_data), batch_size=256)
    data.prepare_data()
    data.setup()
    assert data.train_set.images.shape == (60_000, 1, 28, 28)
    assert data.val_set is not None
    assert len(data.val_set) == len(data.test_set) == 5000
    assert data.train_set.labels.unique().tolist() == list(range(10))
    # the border is all but empty, and a nearest-mean classifier knows most digits
    images = data.train_set.images.float().flatten(1)
    assert data.train_set.images[..., 0].float().mean() < 1
    means = torch.stack([images[data.train_set.labels == digit].mean(0) for digit in range(10)])
    guesses = torch.cdist(data.test_set.images.float().flatten(1), means).argmin(1)
    assert (guesses == data.test_set.labels).float().mean() > 0.75
