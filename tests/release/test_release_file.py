"""The file of a release: what goes in comes out, anything else is refused by NoiseFileError."""

import dataclasses
import json
import math
import os
import pickle
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import Bound, DataSource, NoiseFileError, Release
from unlearnable_lightning.release.file import checksum

SOURCE = DataSource("cifar10", "train", (3, 3, 4, 4), ("cat", "dög"), "ab" * 32)
KEY = "unlearnable_lightning"


def same(one: Release, other: Release) -> bool:
    """Equal in every field, in the dtype of the differences too."""
    fields = {field.name for field in dataclasses.fields(Release)} - {"difference", "rows"}
    rows = (one.rows, other.rows)
    return (
        one.difference.dtype == other.difference.dtype
        and torch.equal(one.difference, other.difference)
        and (rows == (None, None) or (None not in rows and torch.equal(*rows)))
        and all(getattr(one, name) == getattr(other, name) for name in fields)
    )


@pytest.fixture
def noise(noise_for: Callable[..., Release]) -> Release:
    return noise_for(SOURCE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the many files that hypothesis makes."""
    return tmp_path_factory.mktemp("noise")


@pytest.fixture
def saved(noise: Release, tmp_path: Path) -> bytes:
    noise.save(tmp_path / "noise.safetensors")
    return (tmp_path / "noise.safetensors").read_bytes()


def is_refused_or_same(data: bytes, noise: Release, path: Path) -> bool:
    """Whether the file of `data` was refused; any other error, or another noise, fails the test."""
    path.write_bytes(data)
    try:
        loaded = Release.load(path)
    except NoiseFileError:
        return True
    assert same(loaded, noise)
    return False


VALUES = torch.randint(-8, 9, (3, 3, 4, 4), generator=torch.Generator().manual_seed(0)).to(
    torch.int8
)


def craft(
    path: Path, values: Tensor = VALUES, rows: Tensor | None = None, header: Any = None
) -> Path:
    """A file with a good checksum; a change to `...` drops the entry."""
    entries = {
        "kind": "samplewise",
        "bound": {"norm": "linf", "value": 8 / 255},
        "source": dataclasses.asdict(SOURCE),
        "made_by": {"class_path": "someone.else"},
        "versions": {},
        "format": 2,
    } | (header or {})
    entries = {key: value for key, value in entries.items() if value is not ...}
    tensors = {"difference": values} | ({} if rows is None else {"rows": rows})
    entries["sha256"] = checksum(entries, tensors)
    path.write_bytes(save(tensors, metadata={KEY: json.dumps(entries)}))
    return path


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_what_is_saved_is_loaded(
    noise_for: Callable[..., Release], kind: str, tmp_path: Path
) -> None:
    noise = noise_for(SOURCE, kind)
    noise.save(tmp_path / "new" / "folder" / "noise.safetensors")
    assert same(Release.load(str(tmp_path / "new" / "folder" / "noise.safetensors")), noise)


@pytest.mark.parametrize(
    "change",
    [
        {"made_by": {}},
        {"made_by": {"rounds": 0, "error": None, "finished": False}},
        {"made_by": {"arguments": {"list": [1, [None, 1e-300]], "ö": "\ud800", "deep": {}}}},
        {"bound": None},
        {"bound": Bound("l2", 3.5)},
        {"bound": Bound("l0", 16)},
        {"versions": {}},
        {"difference": VALUES.to(torch.int16) * 31},
        {"difference": VALUES[:2], "rows": torch.tensor([0, 2])},
        {"difference": VALUES[:2], "kind": "classwise", "rows": torch.tensor([1])},
    ],
    ids=str,
)
def test_whatever_a_release_may_be_is_loaded(
    noise: Release, change: dict[str, Any], tmp_path: Path
) -> None:
    bound = None if "difference" in change else noise.bound
    noise = dataclasses.replace(noise, **{"bound": bound} | change)
    noise.save(tmp_path / "noise")
    assert same(Release.load(tmp_path / "noise"), noise)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_release_is_loaded_and_poisons_as_before(data: st.DataObject, folder: Path) -> None:
    dtype, most = data.draw(st.sampled_from([(torch.int8, 127), (torch.int16, 255)]))
    kind = data.draw(st.sampled_from(["samplewise", "classwise"]))
    rows = data.draw(st.one_of(st.none(), st.sets(st.integers(0, 2), min_size=1)))
    count = 2 if kind == "classwise" else 3 if rows is None else len(rows)
    random = torch.Generator().manual_seed(data.draw(st.integers(0, 99)))
    levels = torch.randint(-most, most + 1, (count, 3, 4, 4), generator=random).to(dtype)
    places = None if rows is None else torch.tensor(sorted(rows))
    bound = data.draw(st.sampled_from([None, Bound("linf", 1), Bound("l0", 16), Bound("l2", 7)]))
    made_by = data.draw(st.dictionaries(st.text("abc"), st.floats(allow_nan=False, width=32)))
    made_by = {key: value for key, value in made_by.items() if math.isfinite(value)}
    release = Release(levels, kind, SOURCE, made_by, bound, places)
    release.save(folder / "any")
    loaded = Release.load(folder / "any")
    assert same(loaded, release)
    labels = torch.tensor([0, 1, 0])
    assert torch.equal(loaded.difference_for(labels), release.difference_for(labels))


def test_same_noise_gives_the_same_bytes(noise: Release, saved: bytes, tmp_path: Path) -> None:
    """Whatever the order of the arguments and the layout in memory."""
    turned = dataclasses.replace(
        noise,
        difference=noise.difference.to(memory_format=torch.channels_last),
        made_by=dict(reversed(noise.made_by.items())),
    )
    for name, again in (
        ("turned", turned),
        ("loaded", Release.load(tmp_path / "noise.safetensors")),
    ):
        again.save(tmp_path / name)
        assert (tmp_path / name).read_bytes() == saved


def test_other_noise_gives_other_bytes(noise: Release, saved: bytes, tmp_path: Path) -> None:
    for change in (
        {"made_by": {"seed": 1}},
        {"difference": -noise.difference},
        {"difference": noise.difference.to(torch.int16)},
        {"rows": torch.arange(3)},
        {"bound": Bound("linf", 9 / 255)},
    ):
        dataclasses.replace(noise, **change).save(tmp_path / "other")
        assert (tmp_path / "other").read_bytes() != saved


def test_saving_replaces_the_old_file_and_leaves_nothing_else(
    noise: Release, tmp_path: Path
) -> None:
    (tmp_path / "noise").write_text("old")
    noise.save(tmp_path / "noise")
    assert [path.name for path in tmp_path.iterdir()] == ["noise"]
    assert same(Release.load(tmp_path / "noise"), noise)


@pytest.mark.parametrize("fails", ["replace", "fsync"])
@pytest.mark.parametrize("old", [None, "old"])
def test_failed_saving_leaves_everything_as_it_was(
    noise: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, old: str | None
) -> None:
    def full(*_: object) -> None:
        raise OSError("no space left on device")

    if old:
        (tmp_path / "noise").write_text(old)
    monkeypatch.setattr(os, fails, full)
    with pytest.raises(UnlearnableError, match="no space left"):
        noise.save(tmp_path / "noise")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == (
        {"noise": old} if old else {}
    )


def test_truncated_file_is_refused(noise: Release, saved: bytes, tmp_path: Path) -> None:
    lengths = [*range(0, len(saved), 13), len(saved) - 1]
    assert all(is_refused_or_same(saved[:length], noise, tmp_path / "cut") for length in lengths)


def test_longer_file_is_refused(noise: Release, saved: bytes, tmp_path: Path) -> None:
    assert is_refused_or_same(saved + b"\0", noise, tmp_path / "long")


def test_flipped_bit_is_refused(noise: Release, saved: bytes, tmp_path: Path) -> None:
    """Every seventh bit, so each of the eight places in a byte has its turn. One spells ö in
    capitals, \\u00F6, which reads the same."""
    same_text = saved.index(b"u00f6") + 3
    for bit in range(0, 8 * len(saved), 7):
        data = bytearray(saved)
        data[bit // 8] ^= 1 << bit % 8
        refused = is_refused_or_same(bytes(data), noise, tmp_path / "flipped")
        assert refused or (bit // 8 == same_text and data[same_text] == ord("F")), f"bit {bit}"


edits = st.lists(
    st.tuples(
        st.sampled_from(["set", "insert", "cut", "swap"]),
        st.integers(0, 2**16),
        st.binary(min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(edits=edits)
def test_edited_file_is_refused_or_reads_the_same(
    edits: list[tuple[str, int, bytes]], folder: Path
) -> None:
    noise = Release(VALUES, "samplewise", SOURCE, {"finished": False}, Bound("linf", 8 / 255))
    path = folder / "noise"
    noise.save(path)
    saved = path.read_bytes()
    data = bytearray(saved)
    for what, place, new in edits:
        i = place % (len(data) + 1)
        if what == "set":
            data[i : i + len(new)] = new
        elif what == "insert":
            data[i:i] = new
        elif what == "cut":
            del data[i : i + len(new)]
        else:
            data = data[i:] + data[:i]
    refused = is_refused_or_same(bytes(data), noise, folder / "edited")
    assert refused or bytes(data) == saved


@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes, folder: Path) -> None:
    (folder / "bytes").write_bytes(data)
    with pytest.raises(NoiseFileError):
        Release.load(folder / "bytes")


def test_missing_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match="there is no such file") as error:
        Release.load(tmp_path / "gone.safetensors")
    assert str(tmp_path / "gone.safetensors") in str(error.value)


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match="there is no such file"):
        Release.load(tmp_path)


class Payload:
    """A pickle that creates a file as soon as it is opened."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("write", [pickle.dump, torch.save])
def test_pickle_is_refused_and_not_run(tmp_path: Path, write: Callable[..., None]) -> None:
    trace = tmp_path / "trace"
    with open(tmp_path / "noise.safetensors", "wb") as file:
        write(Payload(trace), file)
    with pytest.raises(NoiseFileError, match="is refused"):
        Release.load(tmp_path / "noise.safetensors")
    assert not trace.exists()
    with open(tmp_path / "noise.safetensors", "rb") as file:
        torch.load(file, weights_only=False) if write is torch.save else pickle.load(file)
    assert trace.exists(), "the payload was harmless, so this test shows nothing"


@pytest.mark.parametrize(
    "metadata",
    [None, {"format": "pt"}, {KEY: ""}, {KEY: "{"}, {KEY: "[" * 10**5}, {KEY: "9" * 5000}],
    ids=["none", "another", "empty", "half", "deep", "long number"],
)
def test_other_safetensors_file_is_refused(metadata: dict[str, str] | None, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(save({"difference": VALUES}, metadata=metadata))
    with pytest.raises(NoiseFileError, match="is refused"):
        Release.load(tmp_path / "other")


def test_file_without_noise_is_refused(saved: bytes, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(
        save({"poise": VALUES}, metadata={KEY: json.dumps({"format": 2})})
    )
    with pytest.raises(NoiseFileError, match="it has 'poise'"):
        Release.load(tmp_path / "other")


@pytest.mark.parametrize("header", ["null", "[]", "3", '"text"', "true", "[[1]]"])
def test_header_that_is_no_object_is_refused(header: str, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(save({"difference": VALUES}, metadata={KEY: header}))
    with pytest.raises(NoiseFileError, match="its header does not fit"):
        Release.load(tmp_path / "other")


@pytest.mark.parametrize("depth", range(900, 1000, 3))
def test_header_nested_to_the_limit_of_the_parser_is_refused(depth: int, tmp_path: Path) -> None:
    header = f'{{"format": 2, "sha256": "", "deep": {"[" * depth + "]" * depth}}}'
    (tmp_path / "deep").write_bytes(save({"difference": VALUES}, metadata={KEY: header}))
    with pytest.raises(NoiseFileError):
        Release.load(tmp_path / "deep")


def test_crafted_file_is_read_where_nothing_is_wrong(tmp_path: Path) -> None:
    """Else the refusals of crafted files would prove nothing."""
    noise = Release.load(craft(tmp_path / "noise"))
    assert torch.equal(noise.difference, VALUES)
    assert noise.source == SOURCE


@pytest.mark.parametrize("version", [0, 4, 999, -1, 2.0, "2", None, [2]])
def test_other_format_version_is_refused(version: object, tmp_path: Path) -> None:
    with pytest.raises(
        NoiseFileError, match=re.escape(f"format {version}, this version reads formats 1, 2 and 3")
    ):
        Release.load(craft(tmp_path / "noise", header={"format": version}))


def test_differences_under_a_header_of_shards_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match="it has 'difference'; a release has rows"):
        Release.load(craft(tmp_path / "noise", header={"format": 3}))


def test_wrong_checksum_is_refused(tmp_path: Path) -> None:
    header = {"format": 2, "sha256": "0" * 64}
    (tmp_path / "n").write_bytes(save({"difference": VALUES}, metadata={KEY: json.dumps(header)}))
    with pytest.raises(NoiseFileError, match="checksum"):
        Release.load(tmp_path / "n")


DTYPES = [torch.uint8, torch.int32, torch.int64, torch.bool, torch.float32, torch.bfloat16]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_other_dtype_is_refused(dtype: torch.dtype, tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match=str(dtype)):
        Release.load(craft(tmp_path / "noise", VALUES.clamp(min=0).to(dtype)))


@pytest.mark.parametrize(
    "shape", [(), (144,), (3, 48), (1, 3, 3, 4, 4), (2, 3, 4, 4), (0, 3, 4, 4)]
)
def test_other_shape_is_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match="the difference has shape"):
        Release.load(craft(tmp_path / "noise", torch.zeros(shape, dtype=torch.int8)))


@pytest.mark.parametrize(
    "rows",
    [
        torch.tensor([0, 2, 1]),
        torch.tensor([0, 1, 3]),
        torch.tensor([-1, 1, 2]),
        torch.tensor([0, 1]),
        torch.tensor([[0, 1, 2]]),
        torch.tensor([0, 1, 2], dtype=torch.int32),
        torch.tensor([0.0, 1.0, 2.0]),
    ],
    ids=str,
)
def test_rows_that_name_no_images_are_refused(rows: Tensor, tmp_path: Path) -> None:
    Release.load(craft(tmp_path / "noise", rows=torch.tensor([0, 1, 2])))
    with pytest.raises(NoiseFileError, match="is refused"):
        Release.load(craft(tmp_path / "noise", rows=rows))


@pytest.mark.parametrize("level", [-128, -9, 9, 127])
def test_noise_beyond_its_bound_is_refused(level: int, tmp_path: Path) -> None:
    values = VALUES.clone()
    values[1, 2, 3, 0] = level
    with pytest.raises(NoiseFileError, match=f"changed by {abs(level)} grey levels"):
        Release.load(craft(tmp_path / "noise", values))


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "patchwise"},
        {"kind": None},
        {"kind": ["samplewise"]},
        {"kind": "classwise"},
        *(
            {"bound": {"norm": "linf", "value": value}}
            for value in ("8/255", None, float("inf"), float("nan"), 10**400, -1, [8], True, {})
        ),
        *({"bound": {"norm": norm, "value": 0.5}} for norm in (None, "l1", 2, ["l2"], "_chunks")),
        *({"bound": bound} for bound in ({}, [], 8, "linf", {"norm": "l2"}, {"value": 1})),
        {"bound": {"norm": "linf", "value": 8 / 255, "more": 1}},
        {"source": None},
        {"source": []},
        {"source": "cifar10"},
        {"source": {}},
        {"source": dataclasses.asdict(SOURCE) | {"shape": []}},
        {"source": dataclasses.asdict(SOURCE) | {"shape": 3}},
        {"source": dataclasses.asdict(SOURCE) | {"shape": ["3", 3, 4, 4]}},
        {"source": dataclasses.asdict(SOURCE) | {"class_names": None}},
        {"source": dataclasses.asdict(SOURCE) | {"class_names": [1, 2]}},
        {"source": dataclasses.asdict(SOURCE) | {"name": None}},
        {"source": dataclasses.asdict(SOURCE) | {"sha256": None}},
        {"source": dataclasses.asdict(SOURCE) | {"more": 1}},
        {"made_by": None},
        {"made_by": []},
        {"made_by": {"seed": "0"}},
        {"made_by": {"rounds": 1.5}},
        {"made_by": {"error": "1%"}},
        {"made_by": {"error": float("nan")}},
        {"made_by": {"any": float("inf")}},
        {"made_by": {"any": 10**400}},
        {"made_by": {"finished": "yes"}},
        {"made_by": {"arguments": []}},
        {"made_by": {"class_path": 3}},
        {"versions": None},
        {"versions": {"torch": 2}},
        {"more": 1},
        {"rows": None},
        {"difference": 1},
        *({name: ...} for name in ("kind", "bound", "source", "made_by", "versions", "format")),
    ],
    ids=str,
)
def test_header_entry_of_a_wrong_type_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match="its header does not fit"):
        Release.load(craft(tmp_path / "noise", header=change))


def test_what_a_header_names_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module that would show that it ran lies where Python looks for it."""
    trace = tmp_path / "trace"
    (tmp_path / "payload_of_a_release.py").write_text(f"open({str(trace)!r}, 'w')")
    monkeypatch.syspath_prepend(tmp_path)
    name = "payload_of_a_release.Method"
    made_by = {
        "class_path": name,
        "arguments": {"class_path": name, "init_args": {}, "_target_": name, "model": name},
    }
    source = dataclasses.asdict(SOURCE) | {"name": name}
    release = Release.load(craft(tmp_path / "noise", header={"made_by": made_by, "source": source}))
    release.save(tmp_path / "again")
    assert Release.load(tmp_path / "again").made_by == made_by
    assert not trace.exists()
    assert "payload_of_a_release" not in sys.modules
    __import__("payload_of_a_release")
    assert trace.exists(), "the payload was harmless, so this test shows nothing"
