import os
import random
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pytest
import torch

from unlearnable_lightning import ClassifierModule, NoiseGenLightningModule, ShapesDataModule
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


ONE_HOT = np.eye(4)[np.arange(12) % 4]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_train": arrays()["x_train"] / 255}, r"x_train is float64.*must be uint8.*255"),
        ({"x_test": arrays()["x_test"].astype(np.int16)}, "x_test is int16"),
        ({"x_train": arrays()["x_train"] > 9}, "x_train is bool.*must be uint8"),
        ({"x_train": arrays()["x_train"][0, 0]}, r"x_train is uint8 of shape \(6, 3\)"),
        ({"x_train": arrays()["x_train"].reshape(12, -1)}, r"shape \(12, 108\).*reshape\(-1"),
        ({"x_train": arrays()["x_train"][..., None]}, r"shape \(12, 6, 6, 3, 1\); it must be N"),
        (
            {"x_train": arrays()["x_train"].transpose(0, 3, 1, 2)},
            r"\(12, 3, 6, 6\).*looks like N×C×H×W.*N×H×W×C.*x\.transpose\(0, 2, 3, 1\)",
        ),
        ({"x_train": arrays(1)["x_train"].transpose(0, 3, 1, 2)}, r"x\.transpose\(0, 2, 3, 1\)"),
        ({"x_test": arrays()["x_test"].transpose(0, 3, 1, 2)}, r"x_test.*looks like N×C×H×W"),
        ({"x_train": arrays(2)["x_train"]}, r"one or three channels, so not 2.*x\[\.\.\., :1\]"),
        ({"x_train": arrays(4)["x_train"]}, r"one or three channels, so not 4.*x\[\.\.\., :3\]"),
        ({"x_train": arrays()["x_train"][:, 1:]}, "C×H×W"),
        ({"x_train": arrays()["x_train"][:, :0, :0]}, "0×0; they must have pixels"),
        ({"x_train": arrays()["x_train"][1:]}, "11 images and 12 labels"),
        ({"x_test": arrays()["x_test"][:0], "y_test": np.arange(0)}, "test"),
        ({"x_test": arrays(1)["x_test"]}, r"toys/test.*\(1, 6, 6\).*training.*\(3, 6, 6\)"),
        ({"x_test": arrays(None)["x_test"]}, r"toys/test.*\(1, 6, 6\).*training.*\(3, 6, 6\)"),
        ({"x_test": arrays()["x_test"][:, 1:, 1:]}, r"\(3, 5, 5\).*\(3, 6, 6\)"),
        ({"y_train": np.arange(12) / 4}, "y_train is float64.*one integer label per image"),
        ({"y_train": (np.arange(12) % 4).astype(float)}, r"y_train is float64.*astype\('int64'\)"),
        ({"y_train": np.arange(12) % 4 > 1}, "y_train is bool.*one integer label per image"),
        ({"y_train": np.array(list("abcdabcdabcd"))}, r"y_train is <U1.*numpy\.unique"),
        ({"y_test": np.zeros((8, 1), int)}, r"y_test is int64 of shape \(8, 1\).*y\.ravel\(\)"),
        ({"y_train": ONE_HOT}, r"y_train is float64 of shape \(12, 4\).*y\.argmax\(axis=1\)"),
        ({"y_train": np.array(3)}, r"y_train is int64 of shape \(\).*one integer label per image"),
        ({"y_train": np.arange(12) - 1}, "labels run from -1 to 10"),
        ({"y_train": np.full(12, -1)}, "labels run from -1 to -1"),
        ({"y_train": np.arange(12) % 4 + 1}, r"1 to 4, but no image has the label 0\..*y - 1.*=5"),
        (
            {"y_train": np.arange(12) % 3 * 2},
            r"no image has the label 1 \(nor 1 others\).*classes=5",
        ),
        ({"y_train": np.arange(12) * 10**9}, r"no image has the label 1 \(nor 10999999988 others"),
        ({"y_train": np.zeros(12, int), "y_test": np.zeros(8, int)}, "label 0.*at least 2 classes"),
        ({"y_train": np.arange(0)}, "y_train is empty.*at least one image"),
        ({"y_test": np.arange(8)}, "labels run from 0 to 7; with 4 classes"),
        (
            {"y_test": None},
            r"cannot be read \(it has no y_test; its arrays are: x_test, x_train, y_tr",
        ),
        ({"x_test": None}, "cannot be read.*no x_test"),
        ({"x_train": None}, "cannot be read.*no x_train"),
        ({"x_train": np.array(["a", None] * 6, dtype=object)}, "x_train holds Python objects"),
        ({"y_train": np.array([1, "cat"] * 6, dtype=object)}, "y_train holds Python.*run code"),
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


def test_an_archive_of_other_names_is_refused_with_those(tmp_path: Path) -> None:
    given = arrays()
    path = str(tmp_path / "medical.npz")
    np.savez(path, train_images=given["x_train"], train_labels=given["y_train"])
    with pytest.raises(UnlearnableError, match=r"are: train_images, train_labels.*x_train=…"):
        NPZDataModule(path).setup()


def test_classes_may_be_empty_if_their_number_is_given(write: Callable[..., str]) -> None:
    data = NPZDataModule(write(y_train=np.arange(12) % 4 + 1, y_test=np.zeros(8, int)), 6)
    data.setup()
    assert data.num_classes == 6
    assert data.train_set.labels.bincount(minlength=6).tolist() == [0, 3, 3, 3, 3, 0]


@pytest.mark.parametrize("num_classes", [0, -1, 1, 4.0, True])
def test_a_number_of_classes_is_two_or_more(write: Callable[..., str], num_classes: int) -> None:
    with pytest.raises(UnlearnableError, match=f"num_classes={num_classes}"):
        NPZDataModule(write(), num_classes=num_classes)


def test_a_shape_that_reads_both_ways_has_its_channels_last(write: Callable[..., str]) -> None:
    images = np.arange(12 * 27, dtype=np.uint8).reshape(12, 3, 3, 3)
    data = NPZDataModule(write(x_train=images, x_test=images[:8]), val_size=0)
    data.setup()
    assert np.array_equal(data.train_set.images.numpy(), images.transpose(0, 3, 1, 2))


@pytest.mark.parametrize(
    "arrange",
    [np.asfortranarray, lambda x: x.transpose(0, 2, 1, 3), lambda x: x[::-1]],
    ids=["Fortran", "transposed", "reversed"],
)
def test_images_of_any_memory_layout_are_read(write: Callable[..., str], arrange: Any) -> None:
    images = arrange(arrays()["x_train"])
    data = NPZDataModule(write(x_train=images))
    data.setup("fit")
    assert np.array_equal(data.train_set.images.numpy(), images.transpose(0, 3, 1, 2))


def test_an_archive_is_held_once_and_read_in_parts(tmp_path: Path) -> None:
    """NumPy's memory is traced, and PyTorch's is not: the images lie in one tensor, and no array of
    their size was there at any time."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (8000, 32, 32, 3), dtype=np.uint8)
    labels, size = np.arange(8000) % 2, images.nbytes
    np.savez(
        tmp_path / "a.npz", x_train=images, y_train=labels, x_test=images[:9], y_test=labels[:9]
    )
    data = NPZDataModule(str(tmp_path / "a.npz"))
    tracemalloc.start()
    assert (data.num_classes, data.in_channels, data.image_size) == (2, 3, 32)
    data.setup()
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < size / 20
    assert peak < size / 2
    read = data.read("train")[0]
    assert read.is_contiguous()  # so the data set takes it as it is
    assert data.train_set.images is data.train_set.clean
    assert np.array_equal(data.train_set.images.permute(0, 2, 3, 1).numpy(), images)


@pytest.fixture
def alone(write: Callable[..., str], tmp_path: Path) -> str:
    """Training images without test images."""
    return write(x_test=None, y_test=None)


def test_training_images_alone_are_enough_to_train_and_predict(alone: str) -> None:
    data = NPZDataModule(alone, val_size=0)
    data.setup("fit")
    assert len(data.train_set) == 12
    assert data.val_dataloader() == []
    NPZDataModule(alone).setup("predict")


@pytest.mark.parametrize(
    ("stage", "val_size"), [("fit", 0.5), ("validate", 0), ("test", 0), (None, 0)]
)
def test_what_needs_test_images_says_so(alone: str, stage: str | None, val_size: float) -> None:
    with pytest.raises(UnlearnableError, match=r"toys\.npz holds training images alone.*test_path"):
        NPZDataModule(alone, val_size=val_size).setup(stage)


def test_test_images_may_lie_in_another_file(alone: str, tmp_path: Path) -> None:
    given = arrays()
    np.savez(tmp_path / "clean.npz", x_test=given["x_test"], y_test=given["y_test"])
    data = NPZDataModule(alone, test_path=str(tmp_path / "clean.npz"), val_size=0)
    data.setup()
    assert np.array_equal(data.test_set.images.permute(0, 2, 3, 1).numpy(), given["x_test"])
    missing = NPZDataModule(alone, test_path=str(tmp_path / "none.npz"))
    with pytest.raises(UnlearnableError, match=r"test_path=.*none\.npz cannot be read"):
        missing.setup("fit")


def test_poisoned_images_that_predict_writes_train_a_victim(tmp_path: Path) -> None:
    """A defender publishes `poisoned.npz`; a victim trains on it and is tested on clean images."""
    quiet: dict[str, Any] = {
        "max_epochs": 1, "logger": False, "accelerator": "cpu", "enable_progress_bar": False,
        "enable_model_summary": False,
    }  # fmt: skip
    small: dict[str, Any] = {"model": "cnn_small", "image_size": 16}
    shapes = ShapesDataModule(train_size=40, test_size=20, image_size=16)
    run = L.Trainer(**quiet, default_root_dir=tmp_path / "noise")
    run.fit(NoiseGenLightningModule(**small, steps=2, model_steps=2), shapes)
    noise = str(tmp_path / "noise" / "noise.safetensors")
    lain_on = ShapesDataModule(train_size=40, test_size=20, image_size=16, noise=noise)
    run = L.Trainer(**quiet, default_root_dir=tmp_path / "release")
    run.predict(NoiseGenLightningModule(**small), lain_on)
    shapes.save_npz(tmp_path / "clean.npz")
    data = NPZDataModule(
        str(tmp_path / "release" / "poisoned.npz"), test_path=str(tmp_path / "clean.npz")
    )
    run = L.Trainer(**quiet, default_root_dir=tmp_path / "victim")
    victim = ClassifierModule(**small)
    run.fit(victim, data)
    run.test(victim, data, verbose=False)
    assert torch.equal(data.train_set.images, lain_on.train_set.images)
    assert not torch.equal(data.train_set.images, shapes.train_set.images)
    clean = shapes.read("test")[0]
    assert data.val_set is not None
    assert clean.sum() == data.val_set.images.sum() + data.test_set.images.sum()
    assert (tmp_path / "victim" / "test.json").exists()


def lone_array(path: Path) -> None:
    with open(path, "wb") as file:
        np.save(file, arrays()["x_train"])


def header(text: str, content: bytes = b"") -> Callable[[Path], None]:
    """Gives x_train this header and content, in an archive that is whole."""

    def spoil(path: Path) -> None:
        with np.load(path) as archive:
            kept = {name: archive[name] for name in archive.files if name != "x_train"}
        np.savez(path, **kept)
        array = b"\x93NUMPY\x01\0" + len(text).to_bytes(2, "little") + text.encode() + content
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr("x_train.npy", array)

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_text("label,image\n1,2\n"),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(b"\x80\x04K\x01."),
        header("{'descr': '|u1', 'fortran_order': False, 'shape': (12, 6, 6, 3), }", b"short"),
        header("{'descr': '|u1', 'fortran_order': False, 'shape': (9**9, 6, 6, 3), }"),
        header("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 6, 6, 3), }", b"0" * 109),
        header("{'descr': '|u1', 'fortran_order': (, 'shape': (1, 6, 6, 3), }"),
        header("{'descr': ',', 'fortran_order': False, 'shape': (1, 6, 6, 3), }"),
        lone_array,
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=[
        *("missing", "empty", "text", "cut", "pickle", "cut array", "huge array", "long array"),
        *("header of no Python", "header of no type", "npy", "folder"),
    ],
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
