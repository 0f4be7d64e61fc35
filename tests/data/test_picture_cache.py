"""Pictures that are decoded once: what is read is what a decoding into memory gives."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from unlearnable_lightning.data import ImageFolderDataModule
from unlearnable_lightning.data import pictures as pictures_module
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.rows import whole


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "animals"
    for split in ("train", "test"):
        for number, name in enumerate(("ant", "bee")):
            (root / split / name).mkdir(parents=True)
            for i in range(3):
                colour = (40 * i, 100 * number, 200)
                Image.new("RGB", (20, 24), colour).save(root / split / name / f"{i}.png")
    return root


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The pictures that were decoded."""
    seen, read = [], pictures_module.read_picture

    def count(path: Path, size: int) -> Any:
        seen.append(path)
        return read(path, size)

    monkeypatch.setattr(pictures_module, "read_picture", count)
    return seen


def ready(root: Path, **kwargs: Any) -> ImageFolderDataModule:
    data = ImageFolderDataModule(str(root), 16, val_size=0, **kwargs)
    data.setup()
    return data


def cached(root: Path, **kwargs: Any) -> ImageFolderDataModule:
    return ready(root, cache=str(root.parent / "cache"), **kwargs)


@pytest.mark.parametrize("at_once", [1, 4, 256])
def test_a_cache_holds_what_memory_holds_and_is_made_once(
    root: Path, decoded: list[Path], at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures_module, "_AT_ONCE", at_once)
    memory = ready(root)
    decoded.clear()
    for data in (cached(root, num_workers=1), cached(root)):
        assert not data.train_set.in_memory
        for ours, theirs in (
            (data.train_set, memory.train_set),
            (data.test_set, memory.test_set),
        ):
            assert ours.source == theirs.source
            assert torch.equal(whole(ours.images), whole(theirs.images))
        assert data.paths == memory.paths
    assert len(decoded) == 12
    file = root.parent / "cache" / "animals-train-16x16.pictures"
    assert torch.equal(load_file(file)["images"], whole(memory.train_set.images))


def newer(root: Path) -> None:
    path = root / "train" / "ant" / "1.png"
    Image.new("RGB", (20, 24), (9, 9, 9)).save(path)
    os.utime(path, ns=(1, 1))


def more(root: Path) -> None:
    Image.new("RGB", (20, 24), (9, 9, 9)).save(root / "train" / "ant" / "9.png")


def swapped(root: Path) -> None:
    a, b = root / "train" / "ant" / "0.png", root / "train" / "ant" / "1.png"
    a.rename(root / "c.png")
    b.rename(a)
    (root / "c.png").rename(b)


def of_another_folder(root: Path) -> None:
    """With the same names, sizes and times."""
    root.rename(root.with_name("before"))
    for path in sorted(root.with_name("before").rglob("*.png")):
        new = root.with_name("other") / "animals" / path.relative_to(root.with_name("before"))
        new.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 24), (7, 7, 7)).save(new)
    root.with_name("other").joinpath("animals").rename(root)


def in_cache(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def spoil(root: Path) -> None:
        path = root.parent / "cache" / "animals-train-16x16.pictures"
        path.write_bytes(change(path.read_bytes()))

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        *(newer, more, swapped, of_another_folder),
        in_cache(lambda content: content[:-1]),
        in_cache(lambda content: content + b"?"),
        in_cache(lambda content: b"?" * len(content)),
        in_cache(lambda content: b""),
    ],
    ids=["newer", "more", "swapped", "another folder", "cut", "longer", "foreign", "empty"],
)
def test_a_stale_or_foreign_cache_is_made_anew(root: Path, spoil: Callable[[Path], None]) -> None:
    cached(root)
    spoil(root)
    data = cached(root)
    assert torch.equal(whole(data.train_set.images), whole(ready(root).train_set.images))


def test_a_cache_that_cannot_be_finished_is_not_there(root: Path) -> None:
    (root / "train" / "bee" / "2.png").write_bytes(b"?")
    with pytest.raises(UnlearnableError, match=r"2\.png is not a readable picture"):
        cached(root)
    left = [path.name for path in (root.parent / "cache").iterdir()]
    assert left == [".animals-train-16x16.pictures.lock"]


def test_a_cache_that_cannot_be_written_is_refused(root: Path) -> None:
    (root.parent / "cache").write_bytes(b"")
    with pytest.raises(UnlearnableError, match=r"cache=.*cannot be written.*another folder"):
        cached(root)


@pytest.mark.parametrize("workers", [0, -1, 1.5, True])
def test_workers_are_counted(root: Path, workers: Any) -> None:
    with pytest.raises(UnlearnableError, match=f"num_workers={workers}"):
        ready(root, num_workers=workers)
