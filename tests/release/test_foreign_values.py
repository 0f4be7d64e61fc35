"""Numbers of other codes: what they mean is told by dtype, range and the clean images, or asked."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from foreign import IMAGES, LABELS, SOURCE, K, N, read, some_release

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import poison
from unlearnable_lightning.release.formats import NumpyArrays, read_release

RELEASE = some_release()
POISONED = poison(IMAGES, LABELS, RELEASE).numpy()
DELTA = RELEASE.difference.numpy()


def nhwc(array: np.ndarray) -> np.ndarray:
    return array.transpose(0, 2, 3, 1)


STORED: dict[str, tuple[Any, str]] = {
    "uint8 images first": (POISONED, "images in grey levels"),
    "int64 images": (POISONED.astype(np.int64), "images in grey levels"),
    "float images": (nhwc(POISONED) / np.float32(255), "images in pixels of [0, 1]"),
    "float16 images": ((POISONED / 255).astype(np.float16), "images in pixels of [0, 1]"),
    "float images to 255": (nhwc(POISONED).astype(np.float32), "images in grey levels"),
    "images between grey levels": (POISONED + np.float32(0.2), "images in grey levels"),
    "int8": (DELTA, "differences in grey levels"),
    "big endian": (DELTA.astype(">i2"), "differences in grey levels"),
    "float grey levels": (nhwc(DELTA).astype(np.float64), "differences in grey levels"),
    "pixels": (DELTA / np.float32(255), "differences in pixels of [0, 1]"),
    "Fortran order": (np.asfortranarray(DELTA), "differences in grey levels"),
}


@pytest.mark.parametrize("stored", STORED)
def test_what_numbers_mean_is_found_and_said(stored: str, tmp_path: Path) -> None:
    array, said = STORED[stored]
    if array.max() > 255:
        array = array.clip(0, 255)
    np.save(tmp_path / "a.npy", array)
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(array))
    torch.save(torch.from_numpy(array.astype(array.dtype.newbyteorder("="))), tmp_path / "a.pt")
    for name in ("a.npy", "a.pkl", "a.pt"):
        release, _ = read(tmp_path / name)
        assert release.made_by["held"].startswith(said)
        assert torch.equal(poison(IMAGES, LABELS, release), torch.from_numpy(POISONED))


def test_noise_that_is_never_negative_is_noise(tmp_path: Path) -> None:
    """As the ICLR code's clamped noise; the clean images tell it from images."""
    np.save(tmp_path / "a.npy", np.abs(DELTA).astype(np.int16))
    release, _ = read(tmp_path / "a.npy")
    assert np.array_equal(release.difference.numpy(), np.abs(DELTA))


def changed(array: np.ndarray, value: float) -> np.ndarray:
    array = array.copy()
    array.reshape(-1)[7] = value
    return array


PIXELS = DELTA / np.float32(255)
REFUSED: dict[str, tuple[np.ndarray, str]] = {
    "NaN": (changed(PIXELS, np.nan), "NaN or infinite"),
    "infinite": (changed(PIXELS, np.inf), "NaN or infinite"),
    "beyond 255": (changed(DELTA.astype(np.int16), 256), "between -255 and 255"),
    "standardised": (PIXELS * 60, "may be grey levels, pixels"),
    "whole up to 1": (np.sign(DELTA).astype(np.float32), "may be grey levels, pixels"),
    "all zero": (np.zeros_like(DELTA), "changes no image"),
    "clean images": (IMAGES.numpy(), "changes no image"),
    "one too few, differences": (DELTA[:-1], "there must be one for each of 40 images"),
    "one too many": (np.concatenate([DELTA, DELTA[:1]]), "there must be one for each of 40"),
    "another size": (DELTA[..., :15], "it must be n×3×16×16 or n×16×16×3"),
    "flat": (DELTA.reshape(N, -1), "it must be n×3×16×16"),
    "no axis": (np.array(3), "it must be n×3×16×16"),
    "classes as images": (POISONED[:K], "only differences can be of classes"),
    "another order": (np.roll(POISONED, 1, 0), "nearer to their own clean image"),
    "a fifth in another order": (
        np.concatenate([np.roll(POISONED[:8], 1, 0), POISONED[8:]]),
        "nearer to their own clean image",
    ),
    "negatives of images": (-POISONED.astype(np.int16) - 1, "between -255 and 255|nearer"),
    "texts": (np.full((N, 3, 16, 16), "a"), "it must hold numbers"),
    "complex": (DELTA.astype(np.complex64), "it must hold numbers|only numbers are read"),
}


@pytest.mark.parametrize("stored", REFUSED)
def test_what_cannot_be_noise_of_these_images_is_refused(stored: str, tmp_path: Path) -> None:
    array, message = REFUSED[stored]
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(UnlearnableError, match=message) as error:
        read(tmp_path / "a.npy", "NumpyArrays")
    assert str(tmp_path / "a.npy") in str(error.value)
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(array))
    with pytest.raises(UnlearnableError, match=f"{message}|only numbers"):
        read(tmp_path / "a.pkl", "NumpyPickle")


def test_numbers_between_images_and_noise_are_asked_about(tmp_path: Path) -> None:
    half = (IMAGES.numpy() // 2).astype(np.int16)
    np.save(tmp_path / "a.npy", half)
    with pytest.raises(UnlearnableError, match="holds: images"):
        read(tmp_path / "a.npy", "NumpyArrays")
    spec = {"class_path": "NumpyArrays", "init_args": {"holds": "images"}}
    release, _ = read(tmp_path / "a.npy", spec)
    assert torch.equal(poison(IMAGES, LABELS, release), torch.from_numpy(half).to(torch.uint8))
    np.save(tmp_path / "a.npy", DELTA)
    with pytest.raises(UnlearnableError, match="are no images, but differences"):
        read(tmp_path / "a.npy", spec)
    np.save(tmp_path / "a.npy", IMAGES.numpy())
    with pytest.raises(UnlearnableError, match="are no differences, but images"):
        NumpyArrays("differences").read(tmp_path / "a.npy", IMAGES, LABELS, SOURCE)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"noise": DELTA, "delta": DELTA}, "must be one of them"),
        ({"something": DELTA}, "its arrays are something"),
        ({"noise": DELTA[:3], "rows": [1, 2, 40]}, "between 0 and 39"),
        ({"noise": DELTA[:3], "rows": [1, 2, 2]}, "names 1 images twice"),
        ({"noise": DELTA[:3], "rows": [1.5, 2, 3]}, "must be whole"),
        ({"noise": DELTA[:3], "rows": [1, 2]}, "one for each of the 2 images"),
        ({"x_train": POISONED, "y_train": np.roll(LABELS.numpy(), 1)}, "labels are not those"),
        ({"x_train": POISONED, "y_train": LABELS.numpy()[:5]}, "5 labels for 40"),
        ({"noise": DELTA, "kind": np.array("both")}, "samplewise or classwise"),
        ({"noise": np.zeros((1500, 1500, 8), np.int64)}, "unpacks to"),
    ],
    ids=["two", "none", "range", "twice", "half", "few", "labels", "count", "kind", "bomb"],
)
def test_archives_that_contradict_themselves_are_refused(
    arrays: dict[str, Any], message: str, tmp_path: Path
) -> None:
    np.savez_compressed(tmp_path / "a.npz", **arrays)
    with pytest.raises(UnlearnableError, match=message):
        read_release(tmp_path / "a.npz", "NumpyArrays", IMAGES, LABELS, SOURCE)


def test_an_archive_may_name_its_rows_in_any_order(tmp_path: Path) -> None:
    rows = np.array([9, 2, 30])
    np.savez(tmp_path / "a.npz", noise=DELTA[rows], rows=rows)
    release, form = read(tmp_path / "a.npz")
    assert form == "NumpyArrays"
    assert release.rows is not None
    assert release.rows.tolist() == [2, 9, 30]
    assert np.array_equal(release.difference.numpy(), DELTA[[2, 9, 30]])


def test_a_content_of_no_format_names_them(tmp_path: Path) -> None:
    for name, content in (("a.txt", b"text"), ("a.zip", b"PK\x03\x04"), ("a.pt", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(UnlearnableError, match="that of none of the formats"):
            read(tmp_path / name)
    with pytest.raises(UnlearnableError, match="no such file or folder"):
        read(tmp_path / "missing.npy")
