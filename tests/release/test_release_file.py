"""The noise file: what goes in comes out, and anything else is refused by NoiseFileError."""

import dataclasses
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save
from torch import Tensor
from unlearnable_lightning.noise.file import _checksum, floor_grey_levels

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise import DataSource, Noise, NoiseFileError, quantize

SOURCE = DataSource("cifar10", "train", (3, 3, 4, 4), ("cat", "dög"), "ab" * 32)
KEY = "unlearnable_lightning"


def same(one: Noise, other: Noise) -> bool:
    """Equal in every field; an error that is no number equals itself."""
    fields = {field.name for field in dataclasses.fields(Noise)} - {"values", "error"}
    return (
        one.values.dtype == other.values.dtype
        and torch.equal(one.values, other.values)
        and repr(one.error) == repr(other.error)
        and all(getattr(one, name) == getattr(other, name) for name in fields)
    )


@pytest.fixture
def noise(noise_for: Callable[..., Noise]) -> Noise:
    return noise_for(SOURCE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for the many files that hypothesis makes."""
    return tmp_path_factory.mktemp("noise")


@pytest.fixture
def saved(noise: Noise, tmp_path: Path) -> bytes:
    noise.save(tmp_path / "noise.safetensors")
    return (tmp_path / "noise.safetensors").read_bytes()


def is_refused_or_same(data: bytes, noise: Noise, path: Path) -> bool:
    """Whether the file of `data` was refused; any other error, or another noise, fails the test."""
    path.write_bytes(data)
    try:
        loaded = Noise.load(path)
    except NoiseFileError:
        return True
    assert same(loaded, noise)
    return False


def craft(path: Path, values: Tensor, **changes: Any) -> Path:
    """A file with a good checksum; a change to `...` drops the entry."""
    header = {
        "kind": "samplewise",
        "epsilon": 8 / 255,
        "source": dataclasses.asdict(SOURCE),
        "generator": "someone.else",
        "generator_args": {},
        "seed": 0,
        "rounds": 1,
        "error": None,
        "finished": True,
        "versions": {},
        "norm": "linf",
        "format": 1,
    } | changes
    header = {key: value for key, value in header.items() if value is not ...}
    header["sha256"] = _checksum(header, values)
    path.write_bytes(save({"noise": values}, metadata={KEY: json.dumps(header)}))
    return path


VALUES = torch.randint(-8, 9, (3, 3, 4, 4), generator=torch.Generator().manual_seed(0)).to(
    torch.int8
)


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_what_is_saved_is_loaded(
    noise_for: Callable[..., Noise], kind: str, tmp_path: Path
) -> None:
    noise = noise_for(SOURCE, kind)
    noise.save(tmp_path / "new" / "folder" / "noise.safetensors")
    assert same(Noise.load(str(tmp_path / "new" / "folder" / "noise.safetensors")), noise)


@pytest.mark.parametrize(
    "change", [{"error": None}, {"error": float("nan")}, {"rounds": 0, "finished": False}]
)
def test_noise_of_an_unfinished_run_is_loaded(
    noise: Noise, change: dict[str, Any], tmp_path: Path
) -> None:
    noise = dataclasses.replace(noise, **change)
    noise.save(tmp_path / "noise")
    assert same(Noise.load(tmp_path / "noise"), noise)


def test_same_noise_gives_the_same_bytes(noise: Noise, saved: bytes, tmp_path: Path) -> None:
    """Whatever the order of the arguments and the layout in memory."""
    turned = dataclasses.replace(
        noise,
        values=noise.values.to(memory_format=torch.channels_last),
        generator_args=dict(reversed(noise.generator_args.items())),
    )
    for name, again in (("turned", turned), ("loaded", Noise.load(tmp_path / "noise.safetensors"))):
        again.save(tmp_path / name)
        assert (tmp_path / name).read_bytes() == saved


def test_other_noise_gives_other_bytes(noise: Noise, saved: bytes, tmp_path: Path) -> None:
    for change in ({"seed": 1}, {"values": -noise.values}, {"error": 0.5}):
        dataclasses.replace(noise, **change).save(tmp_path / "other")
        assert (tmp_path / "other").read_bytes() != saved


def test_saving_replaces_the_old_file_and_leaves_nothing_else(noise: Noise, tmp_path: Path) -> None:
    (tmp_path / "noise").write_text("old")
    noise.save(tmp_path / "noise")
    assert [path.name for path in tmp_path.iterdir()] == ["noise"]
    assert same(Noise.load(tmp_path / "noise"), noise)


@pytest.mark.parametrize("fails", ["replace", "fsync"])
@pytest.mark.parametrize("old", [None, "old"])
def test_failed_saving_leaves_everything_as_it_was(
    noise: Noise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str, old: str | None
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


def test_truncated_file_is_refused(noise: Noise, saved: bytes, tmp_path: Path) -> None:
    lengths = [*range(0, len(saved), 13), len(saved) - 1]
    assert all(is_refused_or_same(saved[:length], noise, tmp_path / "cut") for length in lengths)


def test_longer_file_is_refused(noise: Noise, saved: bytes, tmp_path: Path) -> None:
    assert is_refused_or_same(saved + b"\0", noise, tmp_path / "long")


def test_flipped_bit_is_refused(noise: Noise, saved: bytes, tmp_path: Path) -> None:
    """Every seventh bit, so each of the eight places in a byte has its turn."""
    for bit in range(0, 8 * len(saved), 7):
        data = bytearray(saved)
        data[bit // 8] ^= 1 << bit % 8
        assert is_refused_or_same(bytes(data), noise, tmp_path / "flipped"), f"bit {bit}"


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
    noise = Noise(VALUES, "samplewise", 8 / 255, SOURCE, "g", {}, 0, 1, None, False, {})
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
        Noise.load(folder / "bytes")


def test_missing_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match="there is no such file") as error:
        Noise.load(tmp_path / "gone.safetensors")
    assert str(tmp_path / "gone.safetensors") in str(error.value)


def test_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match="there is no such file"):
        Noise.load(tmp_path)


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
        Noise.load(tmp_path / "noise.safetensors")
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
    (tmp_path / "other").write_bytes(save({"noise": VALUES}, metadata=metadata))
    with pytest.raises(NoiseFileError, match="is refused"):
        Noise.load(tmp_path / "other")


def test_file_without_noise_is_refused(saved: bytes, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(save({"poise": VALUES}, metadata={KEY: "{}"}))
    with pytest.raises(NoiseFileError, match="noise"):
        Noise.load(tmp_path / "other")


@pytest.mark.parametrize("header", ["null", "[]", "3", '"text"', "true", "[[1]]"])
def test_header_that_is_no_object_is_refused(header: str, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(save({"noise": VALUES}, metadata={KEY: header}))
    with pytest.raises(NoiseFileError, match="its header does not fit"):
        Noise.load(tmp_path / "other")


@pytest.mark.parametrize("depth", range(900, 1000, 3))
def test_header_nested_to_the_limit_of_the_parser_is_refused(depth: int, tmp_path: Path) -> None:
    header = f'{{"format": 1, "sha256": "", "deep": {"[" * depth + "]" * depth}}}'
    (tmp_path / "deep").write_bytes(save({"noise": VALUES}, metadata={KEY: header}))
    with pytest.raises(NoiseFileError):
        Noise.load(tmp_path / "deep")


def test_crafted_file_is_read_where_nothing_is_wrong(tmp_path: Path) -> None:
    """Else the refusals of crafted files would prove nothing."""
    noise = Noise.load(craft(tmp_path / "noise", VALUES))
    assert torch.equal(noise.values, VALUES)
    assert noise.source == SOURCE


@pytest.mark.parametrize("version", [0, 2, 999, "1", None])
def test_other_format_version_is_refused(version: object, tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match=f"format {version}, this version reads format 1"):
        Noise.load(craft(tmp_path / "noise", VALUES, format=version))


def test_wrong_checksum_is_refused(tmp_path: Path) -> None:
    header = {"format": 1, "sha256": "0" * 64}
    (tmp_path / "n").write_bytes(save({"noise": VALUES}, metadata={KEY: json.dumps(header)}))
    with pytest.raises(NoiseFileError, match="checksum"):
        Noise.load(tmp_path / "n")


DTYPES = [torch.uint8, torch.int16, torch.int64, torch.bool, torch.float32, torch.bfloat16]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_other_dtype_is_refused(dtype: torch.dtype, tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match=str(dtype)):
        Noise.load(craft(tmp_path / "noise", VALUES.clamp(min=0).to(dtype)))


@pytest.mark.parametrize("shape", [(), (144,), (3, 48), (1, 3, 3, 4, 4)])
def test_other_number_of_dimensions_is_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match="noise of"):
        Noise.load(craft(tmp_path / "noise", torch.zeros(shape, dtype=torch.int8)))


@pytest.mark.parametrize("level", [-128, -9, 9, 127])
def test_noise_beyond_epsilon_is_refused(level: int, tmp_path: Path) -> None:
    values = VALUES.clone()
    values[1, 2, 3, 0] = level
    with pytest.raises(NoiseFileError, match=f"up to {abs(level)} grey levels"):
        Noise.load(craft(tmp_path / "noise", values))


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "patchwise"},
        {"kind": None},
        {"kind": ["samplewise"]},
        {"epsilon": "8/255"},
        {"epsilon": None},
        {"epsilon": float("inf")},
        {"epsilon": float("nan")},
        {"epsilon": 10**400},
        {"epsilon": -1},
        {"epsilon": [8]},
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
        {"source": dataclasses.asdict(SOURCE) | {"more": 1}},
        {"generator": 3},
        {"generator_args": []},
        {"seed": "0"},
        {"rounds": 1.5},
        {"error": "1%"},
        {"finished": "yes"},
        {"versions": None},
        {"norm": 2},
        {"more": 1},
        *({name: ...} for name in ("kind", "epsilon", "source", "seed", "norm", "format")),
    ],
    ids=str,
)
def test_header_entry_of_a_wrong_type_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(NoiseFileError, match="its header does not fit"):
        Noise.load(craft(tmp_path / "noise", VALUES, **change))


@pytest.mark.parametrize("levels", range(1, 128))
def test_whole_grey_levels_are_within_their_own_epsilon(levels: int) -> None:
    assert floor_grey_levels(levels / 255) == levels
    assert quantize(torch.tensor([levels / 255, -levels / 255, 2.0]), levels / 255).tolist() == [
        levels,
        -levels,
        levels,
    ]


@pytest.mark.parametrize("epsilon", [8 / 255, 0.03, 7.65 / 255, 0.1])
def test_quantize_rounds_to_the_nearest_level_within_the_bound(epsilon: float) -> None:
    delta = torch.empty(2000, dtype=torch.float64).uniform_(-1.2 * epsilon, 1.2 * epsilon)
    most = max(level for level in range(128) if level <= 255 * epsilon + 1e-9)
    expected = [max(-most, min(most, round(255 * value))) for value in delta.tolist()]
    got = quantize(delta, epsilon)
    assert got.dtype == torch.int8
    assert got.tolist() == expected


def test_quantize_keeps_negative_noise() -> None:
    """The code of the ICLR paper drops it."""
    delta = torch.linspace(-8 / 255, 8 / 255, 17)
    assert quantize(delta, 8 / 255).tolist() == list(range(-8, 9))
    assert torch.equal(quantize(-delta, 8 / 255), -quantize(delta, 8 / 255))


def test_rows_of_samplewise_noise_follow_the_index(noise: Noise) -> None:
    labels, index = torch.tensor([0, 1]), torch.tensor([2, 0])
    assert torch.equal(noise.rows(labels, index), noise.values[[2, 0]])
    assert torch.equal(noise.rows(torch.tensor([0, 1, 0])), noise.values)


def test_rows_of_classwise_noise_follow_the_labels(noise_for: Callable[..., Noise]) -> None:
    noise = noise_for(SOURCE, "classwise")
    labels, index = torch.tensor([1, 1, 0]), torch.tensor([2, 0, 1])
    for rows in (noise.rows(labels), noise.rows(labels, index)):
        assert torch.equal(rows, noise.values[[1, 1, 0]])
