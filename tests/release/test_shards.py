"""A release whose differences lie in shards is the same release as in one file."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from unlearnable_lightning.release import (
    Bound,
    DataSource,
    NoiseFileError,
    Release,
    fingerprint,
    poison,
    shards,
)
from unlearnable_lightning.rows import FileRows, whole

SHAPE = (20, 3, 4, 4)
Make = Callable[..., Release]


def images() -> Tensor:
    random = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, SHAPE, generator=random).to(torch.uint8)


LABELS = torch.arange(20) % 2


@pytest.fixture
def memory(noise_for: Make) -> Release:
    source = DataSource("toys", "train", SHAPE, ("a", "b"), fingerprint(images(), LABELS))
    return noise_for(source)


@pytest.fixture
def sharded(memory: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    """Saved in shards of 7 images, and loaded."""
    monkeypatch.setattr(shards, "SHARD", 7 * 48 + 5)
    in_file(memory, tmp_path).save(tmp_path / "noise")
    return Release.load(tmp_path / "noise")


def in_file(release: Release, folder: Path) -> Release:
    difference = whole(release.difference)
    (folder / "rows").write_bytes(difference.numpy().tobytes())
    rows = FileRows(folder / "rows", tuple(difference.shape), difference.dtype)
    return replace(release, difference=rows)


def test_it_is_the_release_that_was_saved(sharded: Release, memory: Release, tmp_path: Path):
    assert not isinstance(sharded.difference, Tensor)
    assert torch.equal(whole(sharded.difference), whole(memory.difference))
    for name in ("kind", "source", "made_by", "bound", "versions"):
        assert getattr(sharded, name) == getattr(memory, name)
    files = list((tmp_path / "noise.shards").iterdir())
    assert sorted(len(load_file(file)["difference"]) for file in files) == [6, 7, 7]


@pytest.mark.parametrize("order", [[], [0, 19], [7, 6, 13, 14, 0], list(range(20))], ids=str)
def test_rows_are_read_across_shards(sharded: Release, memory: Release, order: list[int]) -> None:
    rows = torch.tensor(order, dtype=torch.long)
    ours, theirs = (each.difference_for(LABELS[rows], rows) for each in (sharded, memory))
    assert torch.equal(ours, theirs)


def test_it_is_laid_on_images(sharded: Release, memory: Release) -> None:
    assert torch.equal(poison(images(), LABELS, sharded), poison(images(), LABELS, memory))


def test_some_images_and_wide_differences(
    memory: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD", 500)
    wide = whole(memory.difference)[:5].to(torch.int16) * 30
    some = replace(memory, difference=wide, rows=torch.tensor([0, 3, 4, 9, 19]), bound=None)
    in_file(some, tmp_path).save(tmp_path / "noise")
    again = Release.load(tmp_path / "noise")
    assert again.difference.dtype == torch.int16
    assert torch.equal(poison(images(), LABELS, again), poison(images(), LABELS, some))
    assert again.amplitude == some.amplitude


def test_the_same_noise_gives_the_same_bytes(sharded: Release, tmp_path: Path) -> None:
    sharded.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == (tmp_path / "noise").read_bytes()
    ours, theirs = (sorted((tmp_path / f"{x}.shards").iterdir()) for x in ("again", "noise"))
    assert [each.name for each in ours] == [each.name for each in theirs]


def test_shards_of_the_release_before_are_removed(sharded: Release, tmp_path: Path) -> None:
    for release in (
        replace(sharded, difference=-whole(sharded.difference)),
        in_file(replace(sharded, difference=-whole(sharded.difference)), tmp_path),
    ):
        release.save(tmp_path / "noise")
        assert torch.equal(
            whole(Release.load(tmp_path / "noise").difference), whole(release.difference)
        )
        count = 0 if isinstance(release.difference, Tensor) else 3
        assert len(list((tmp_path / "noise.shards").iterdir())) == count


def test_differences_beyond_the_bound_are_refused_before_the_header_is_written(
    memory: Release, tmp_path: Path
) -> None:
    beyond = replace(in_file(memory, tmp_path), bound=Bound("linf", "7/255"))
    with pytest.raises(ValueError, match="beyond its bound"):
        beyond.save(tmp_path / "noise")
    assert not (tmp_path / "noise").exists()
    assert not list((tmp_path / "noise.shards").iterdir())


def one(folder: Path) -> Path:
    return sorted((folder / "noise.shards").iterdir())[1]


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def swap(folder: Path) -> None:
    """Two shards of one size in each other's place."""
    a, b = [path for path in (folder / "noise.shards").iterdir() if "7, 3" in head(path)]
    a.rename(folder / "c")
    b.rename(a)
    (folder / "c").rename(b)


def head(path: Path) -> str:
    return path.read_bytes()[:100].decode(errors="replace")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: flip(one(folder)), "checksum of the shard .* differs"),
        (lambda folder: one(folder).unlink(), "is not there.*copy both"),
        (lambda folder: one(folder).write_bytes(b""), "has 0 bytes; it must have"),
        (lambda folder: shutil.rmtree(folder / "noise.shards"), "noise.shards goes with"),
        (swap, "checksum of the shard .* differs"),
    ],
)
def test_spoiled_shards_are_refused(
    sharded: Release, tmp_path: Path, spoil: Callable[[Path], object], message: str
) -> None:
    spoil(tmp_path)
    with pytest.raises(NoiseFileError, match=message):
        Release.load(tmp_path / "noise")


def rewritten(path: Path, **entries: Any) -> None:
    """The file with other entries in its header, and the right checksum."""
    from unlearnable_lightning.release import file

    with safe_open(path, framework="pt") as opened:
        header = json.loads(opened.metadata()["unlearnable_lightning"])
    header = {key: value for key, value in header.items() if key != "sha256"} | entries
    header["sha256"] = file.checksum(header, {})
    save_file({}, path, metadata={"unlearnable_lightning": json.dumps(header, sort_keys=True)})


GOOD = {"file": "0" * 64 + ".safetensors", "rows": 20}


@pytest.mark.parametrize(
    "entries",
    [
        {"shards": []},
        {"shards": None},
        {"shards": 3},
        {"shards": ["a"]},
        {"shards": [GOOD | {"file": "../rows"}]},
        {"shards": [GOOD | {"file": "/etc/passwd"}]},
        {"shards": [GOOD | {"file": 7}]},
        {"shards": [GOOD | {"rows": 0}]},
        {"shards": [GOOD | {"rows": True}]},
        {"shards": [GOOD | {"rows": 2**70}]},
        {"shards": [GOOD | {"more": 1}]},
        {"dtype": "float32"},
        {"dtype": []},
        {"kind": "classwise"},
        {"source": {}},
    ],
    ids=str,
)
def test_a_header_of_no_sense_is_refused(
    sharded: Release, tmp_path: Path, entries: dict[str, Any]
) -> None:
    rewritten(tmp_path / "noise")
    Release.load(tmp_path / "noise")
    rewritten(tmp_path / "noise", **entries)
    with pytest.raises(NoiseFileError, match="is refused"):
        Release.load(tmp_path / "noise")
