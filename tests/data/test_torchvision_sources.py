"""What torchvision reads: the files as they are, or a word about where they go."""

import gzip
import pickle
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
import scipy.io
import torch

from unlearnable_lightning.data import (
    CIFAR10DataModule,
    CIFAR100DataModule,
    MNISTDataModule,
    STL10DataModule,
    SVHNDataModule,
)
from unlearnable_lightning.data.torchvision_source import TorchvisionDataModule
from unlearnable_lightning.errors import UnlearnableError

each = pytest.mark.parametrize(
    ("module", "files"),
    [
        (CIFAR10DataModule, "put the folder cifar-10-batches-py"),
        (CIFAR100DataModule, "put the folder cifar-100-python"),
        (MNISTDataModule, "put the folder MNIST/raw"),
        (STL10DataModule, "put the folder stl10_binary"),
        (SVHNDataModule, "put the files train_32x32.mat and test_32x32.mat"),
    ],
)


@each
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
    for part in (f"root={tmp_path / 'files'}", str(error), files):
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


def test_cifar100_is_read_with_its_fine_labels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    draw = np.random.default_rng(0)
    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    pixels = draw.integers(0, 256, (100, 3 * 32 * 32), dtype=np.uint8)
    fine = draw.permutation(100).tolist()
    for name in ("train", "test"):
        coarse = [label // 5 for label in fine]
        batch = {"data": pixels, "fine_labels": fine, "coarse_labels": coarse}
        (folder / name).write_bytes(pickle.dumps(batch))
    (folder / "meta").write_bytes(pickle.dumps({"fine_label_names": ["any"] * 100}))
    monkeypatch.setattr("torchvision.datasets.cifar.check_integrity", lambda *_: True)
    data = CIFAR100DataModule(root=str(tmp_path), val_size=0)
    data.prepare_data()
    data.setup()
    assert np.array_equal(data.train_set.images.numpy(), pixels.reshape(100, 3, 32, 32))
    assert data.train_set.labels.tolist() == data.test_set.labels.tolist() == fine
    # the labels of the files are the places of these names in the alphabet
    assert data.num_classes == len(set(data.class_names)) == 100
    assert list(data.class_names) == sorted(data.class_names)


def test_svhn_calls_the_digit_0_by_0(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its files call it 10, and hold images as H×W×C×N."""
    draw = np.random.default_rng(0)
    pixels = draw.integers(0, 256, (32, 32, 3, 20), dtype=np.uint8)
    labels = np.arange(20, dtype=np.uint8)[:, None] % 10 + 1
    for split in ("train", "test"):
        scipy.io.savemat(tmp_path / f"{split}_32x32.mat", {"X": pixels, "y": labels})
    monkeypatch.setattr("torchvision.datasets.svhn.check_integrity", lambda *_: True)
    monkeypatch.setattr("torchvision.datasets.svhn.download_url", lambda *_: None)
    data = SVHNDataModule(root=str(tmp_path), val_size=0)
    data.prepare_data()
    data.setup()
    for part in (data.train_set, data.test_set):
        assert part.labels.tolist() == 2 * [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]
        assert np.array_equal(part.images.numpy(), pixels.transpose(3, 2, 0, 1))
    assert data.class_names[int(data.train_set.labels[9])] == "0"


def test_svhn_downloads_both_of_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def downloaded(root: str, split: str, download: bool) -> None:
        asked.append((split, download))

    downloaded.__name__ = "SVHN"
    monkeypatch.setattr(SVHNDataModule, "dataset_class", staticmethod(downloaded))
    SVHNDataModule().prepare_data()
    assert asked == [("train", True), ("test", True)]


def test_svhn_without_scipy_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class WithoutScipy:
        def __init__(self, *_: Any, **__: Any) -> None:
            raise ModuleNotFoundError("No module named 'scipy'")

    monkeypatch.setattr(SVHNDataModule, "dataset_class", WithoutScipy)
    with pytest.raises(UnlearnableError, match="pip install scipy"):
        SVHNDataModule().prepare_data()


def test_stl10_is_read_upright_with_labels_from_0(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its files hold columns of pixels, and labels from 1."""
    draw = np.random.default_rng(0)
    folder = tmp_path / "stl10_binary"
    folder.mkdir()
    pixels = draw.integers(0, 256, (20, 3, 96, 96), dtype=np.uint8)
    for split in ("train", "test"):
        (folder / f"{split}_X.bin").write_bytes(pixels.tobytes())
        (folder / f"{split}_y.bin").write_bytes((np.arange(20, dtype=np.uint8) % 10 + 1).tobytes())
    monkeypatch.setattr("torchvision.datasets.stl10.check_integrity", lambda *_: True)
    data = STL10DataModule(root=str(tmp_path), val_size=0)
    data.prepare_data()
    data.setup()
    for part in (data.train_set, data.test_set):
        assert part.labels.tolist() == 2 * list(range(10))
        assert np.array_equal(part.images.numpy(), pixels.transpose(0, 1, 3, 2))
    assert data.train_set.images.shape[1:] == (3, data.image_size, data.image_size)


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
