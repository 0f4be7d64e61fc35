"""Foreign files of a release: what they hold comes back, and nothing in them runs."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from unlearnable_lightning.data.shapes_images import CLASS_NAMES, draw_shapes
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import (
    DataSource,
    NoiseFileError,
    Release,
    fingerprint,
    poison,
)
from unlearnable_lightning.release.formats import PoisonedImages, read_release

IMAGES, LABELS = draw_shapes(20, seed=0, image_size=8)
SOURCE = DataSource("toys", "train", (20, 3, 8, 8), CLASS_NAMES, fingerprint(IMAGES, LABELS))


def release(levels: int) -> Release:
    random = torch.Generator().manual_seed(0)
    difference = torch.randint(-levels, levels + 1, (20, 3, 8, 8), generator=random)
    return Release(difference.to(torch.int16), "samplewise", SOURCE)


@pytest.mark.parametrize("levels", [8, 255])
@pytest.mark.parametrize("name", ["poisoned.npy", "poisoned.npz"])
def test_poisoned_images_come_back_to_the_grey_level(
    name: str, levels: int, tmp_path: Path
) -> None:
    written = release(levels)
    PoisonedImages().write(tmp_path / name, written, IMAGES, LABELS)
    read = read_release(tmp_path / name, "PoisonedImages", IMAGES, LABELS, SOURCE)
    assert torch.equal(poison(IMAGES, LABELS, read), poison(IMAGES, LABELS, written))
    assert read.made_by["file"] == name
    assert (read.difference.dtype == torch.int8) == (levels == 8)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((20, 8, 8, 3), dtype=np.float32), "poisoned images are uint8"),
        (np.zeros((20, 192), dtype=np.uint8), "poisoned images are uint8"),
        (np.zeros((19, 8, 8, 3), dtype=np.uint8), "as the data they belong to"),
    ],
)
def test_other_arrays_are_refused(array: np.ndarray, message: str, tmp_path: Path) -> None:
    np.save(tmp_path / "other.npy", array)
    with pytest.raises(UnlearnableError, match=message):
        read_release(tmp_path / "other.npy", "PoisonedImages", IMAGES, LABELS, SOURCE)


class Payload:
    """Leaves a file where it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.trace,)


def test_a_pickle_is_refused_and_does_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "PWNED"
    np.save(tmp_path / "array.npy", np.array([Payload(trace)], dtype=object), allow_pickle=True)
    (tmp_path / "plain.npy").write_bytes(pickle.dumps(Payload(trace)))
    for name in ("array.npy", "plain.npy", "missing.npy"):
        with pytest.raises(NoiseFileError, match="cannot be read"):
            read_release(tmp_path / name, "PoisonedImages", IMAGES, LABELS, SOURCE)
    assert not trace.exists()
    pickle.loads((tmp_path / "plain.npy").read_bytes())  # the payload would have shown
    assert trace.exists()


def test_an_unknown_format_names_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnlearnableError, match="PoisonedImages"):
        read_release(tmp_path / "x.npy", "Poisned", IMAGES, LABELS, SOURCE)
