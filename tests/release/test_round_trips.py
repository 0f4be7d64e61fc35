"""What a format writes comes back to the grey level, recognised by its content."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from foreign import IMAGES, LABELS, ROWS, SOURCE, N, read, some_release

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import Release, poison
from unlearnable_lightning.release.facts import facts_of
from unlearnable_lightning.release.formats import NAMES, Format, export_release, read_release
from unlearnable_lightning.release.formats.image_folder import folder_names

WRITTEN = [  # name of the file, `to`, and what is found in it
    ("a.safetensors", None, "NoiseFile"),
    ("a.npz", None, "PoisonedImages"),
    ("a.npy", None, "PoisonedImages"),
    ("a.npz", "NumpyArrays", "NumpyArrays"),
    ("a.npy", "NumpyArrays", "NumpyArrays"),
    ("a.pt", None, "TorchTensor"),
    ("a.PTH", None, "TorchTensor"),
    ("a.pkl", None, "NumpyPickle"),
    ("a.pickle", "ImageDict", "ImageDict"),
    ("a.pt", "ImageDict", "ImageDict"),
    ("a", "PNGFolder", "PNGFolder"),
    ("a", "ImageFolder", "ImageFolder"),
]


def test_every_format_is_in_the_list() -> None:
    """ShuffledImages has a file of its own."""
    assert {found for _, _, found in WRITTEN} | {"ShuffledImages"} == set(NAMES)
    suffixes = [each for name in NAMES for each in Format.of(name).suffixes]
    assert len(suffixes) == len(set(suffixes))


@pytest.mark.parametrize("partial", [False, True], ids=["all", "partial"])
@pytest.mark.parametrize("levels", [8, 255])
@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
@pytest.mark.parametrize(("name", "to", "found"), WRITTEN)
def test_what_is_written_comes_back(
    name: str, to: Any, found: str, kind: str, levels: int, partial: bool, tmp_path: Path
) -> None:
    written, path = some_release(kind, levels, partial), tmp_path / name
    if (found, levels) == ("NumpyPickle", 255):
        with pytest.raises(UnlearnableError, match="int8 holds -128 to 127"):
            export_release(path, to, written, IMAGES, LABELS)
        assert not list(tmp_path.iterdir())
        return
    export_release(path, to, written, IMAGES, LABELS)
    back, form = read(path)
    assert form == found
    assert torch.equal(poison(IMAGES, LABELS, back), poison(IMAGES, LABELS, written))
    if partial and kind == "samplewise" and found != "PoisonedImages":
        assert back.rows is not None
        assert back.rows.tolist() == ROWS.tolist()
    named = read_release(path, found, IMAGES, LABELS, SOURCE)  # the seam of data.noise_format
    assert torch.equal(named.difference, back.difference)


@pytest.mark.parametrize(
    ("name", "to"),
    [("a.pt", None), ("a.pkl", None), ("a.npy", "NumpyArrays"), ("a.npz", "NumpyArrays")],
)
def test_a_difference_comes_back_whole_where_it_is_stored(
    name: str, to: Any, tmp_path: Path
) -> None:
    """Classwise stays classwise, and what the range of the images cut is not lost."""
    for kind in ("samplewise", "classwise"):
        written = some_release(kind)
        export_release(tmp_path / name, to, written, IMAGES, LABELS, overwrite=True)
        back, _ = read(tmp_path / name)
        assert back.kind == kind
        assert torch.equal(back.difference, written.difference)


def test_facts_are_of_the_grey_levels() -> None:
    difference = torch.zeros(2, 3, 16, 16, dtype=torch.int16)
    difference[0, 0, 0, :2] = torch.tensor([-200, 100])
    release = Release(difference, "samplewise", SOURCE, rows=torch.tensor([3, 7]))
    facts = facts_of(release, LABELS)
    assert (facts.images, facts.touched, facts.linf) == (N, 1, 200)
    assert facts.l2 == facts.mean_l2 == pytest.approx((200**2 + 100**2) ** 0.5 / 255)
    assert facts.mean == pytest.approx(-100 / (3 * 16 * 16))
    assert "L∞ 200 grey levels" in facts.lines()[0]
    assert "2.5% (1 of 40)" in facts.lines()[2]


def test_a_mean_that_a_floor_leaves_is_said() -> None:
    floored = torch.floor(torch.rand(N, 3, 16, 16) * 16 - 8).to(torch.int8)
    assert "floor" in facts_of(Release(floored, "samplewise", SOURCE), LABELS).lines()[1]
    assert "floor" not in facts_of(some_release(), LABELS).lines()[1]


def test_a_place_that_is_taken_is_left_alone(tmp_path: Path) -> None:
    release = some_release()
    for name, to in (("a.npz", None), ("folder", "PNGFolder"), ("tree", "ImageFolder")):
        export_release(tmp_path / name, to, release, IMAGES, LABELS)
        with pytest.raises(UnlearnableError, match=r"there already|never replaced"):
            export_release(tmp_path / name, to, release, IMAGES, LABELS)
    export_release(tmp_path / "a.npz", None, release, IMAGES, LABELS, overwrite=True)
    for name in ("folder", "a.npz"):
        with pytest.raises(UnlearnableError, match=r"never replaced|new or empty"):
            export_release(tmp_path / name, "PNGFolder", release, IMAGES, LABELS, overwrite=True)
    (tmp_path / "empty").mkdir()
    export_release(tmp_path / "empty", "PNGFolder", release, IMAGES, LABELS)
    assert len(list((tmp_path / "empty").iterdir())) == N
    assert not list(tmp_path.glob(".*"))


def test_a_suffix_that_says_nothing_asks_for_the_format(tmp_path: Path) -> None:
    with pytest.raises(UnlearnableError, match="--to, one of NoiseFile"):
        export_release(tmp_path / "folder", None, some_release(), IMAGES, LABELS)


def test_torchvision_trains_on_the_tree(tmp_path: Path) -> None:
    from torchvision.datasets import ImageFolder

    release = some_release()
    export_release(tmp_path / "tree", "ImageFolder", release, IMAGES, LABELS)
    tree = ImageFolder(str(tmp_path / "tree" / "train"))
    poisoned = poison(IMAGES, LABELS, release).permute(0, 2, 3, 1).numpy()
    assert len(tree) == N
    for place, (path, label) in enumerate(tree.samples):
        index = int(Path(path).stem)
        assert label == int(LABELS[index])
        assert np.array_equal(np.asarray(tree[place][0]), poisoned[index])


@pytest.mark.parametrize(
    ("names", "folders"),
    [
        (("bird", "cat"), ["bird", "cat"]),
        (tuple(map(str, range(11))), [f"{i:02d}_{i}" for i in range(11)]),
        (("cat", "bird"), ["0_cat", "1_bird"]),
        (("..", "a/b"), ["0___", "1_a_b"]),
        (("A", "a"), ["0_A", "1_a"]),
    ],
    ids=["plain", "numbers", "unsorted", "paths", "case"],
)
def test_folders_sort_as_the_labels(names: tuple[str, ...], folders: list[str]) -> None:
    assert folder_names(names) == folders == sorted(folders)
