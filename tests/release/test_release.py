"""A release is checked when it is built, and finds the difference of every image."""

import dataclasses
import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import Bound, DataSource, Release

SOURCE = DataSource("toys", "train", (5, 2, 2, 3), ("cat", "dog", "frog"), "ab" * 32)
KINDS = pytest.mark.parametrize("kind", ["samplewise", "classwise"])


def levels(count: int, dtype: torch.dtype = torch.int8, most: int = 8) -> Tensor:
    random = torch.Generator().manual_seed(count)
    return torch.randint(-most, most + 1, (count, 2, 2, 3), generator=random).to(dtype)


def naive(release: Release, labels: list[int], index: list[int]) -> Tensor:
    """Image by image."""
    changed = list(range(5)) if release.rows is None else release.rows.tolist()
    found = []
    for label, i in zip(labels, index, strict=True):
        if i not in changed:
            found.append(torch.zeros(2, 2, 3, dtype=release.difference.dtype))
        elif release.kind == "classwise":
            found.append(release.difference[label])
        else:
            found.append(release.difference[changed.index(i)])
    return torch.stack(found)


@st.composite
def releases(draw: st.DrawFn) -> Release:
    kind = draw(st.sampled_from(["samplewise", "classwise"]))
    rows = draw(st.one_of(st.none(), st.sets(st.integers(0, 4), min_size=1)))
    dtype, most = draw(st.sampled_from([(torch.int8, 127), (torch.int16, 255)]))
    count = 3 if kind == "classwise" else 5 if rows is None else len(rows)
    places = None if rows is None else torch.tensor(sorted(rows), dtype=torch.uint8)
    return Release(levels(count, dtype, most), kind, SOURCE, rows=places)


batches = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 4)), min_size=1, max_size=12)
dtypes = st.sampled_from([torch.uint8, torch.int32, torch.int64])


@settings(deadline=None, derandomize=True, max_examples=200)
@given(release=releases(), batch=batches, dtype=dtypes)
def test_differences_equal_the_naive_loop(
    release: Release, batch: list[tuple[int, int]], dtype: torch.dtype
) -> None:
    labels, index = ([*each] for each in zip(*batch, strict=True))
    got = release.difference_for(
        torch.tensor(labels, dtype=dtype), torch.tensor(index, dtype=dtype)
    )
    assert got.dtype == release.difference.dtype
    assert torch.equal(got, naive(release, labels, index))
    every = [0, 1, 2, 0, 1]
    assert torch.equal(
        release.difference_for(torch.tensor(every, dtype=dtype)), naive(release, every, [*range(5)])
    )


@KINDS
def test_what_is_found_is_a_copy(kind: str) -> None:
    release = Release(levels(5 if kind == "samplewise" else 3), kind, SOURCE)
    before = release.difference.clone()
    release.difference_for(torch.zeros(5, dtype=torch.uint8)).fill_(99)
    assert torch.equal(release.difference, before)


@pytest.mark.parametrize(
    ("labels", "index", "message"),
    [
        ([0, 3], [0, 1], "labels run from 0 to 3"),
        ([-1, 0], [0, 1], "labels run from -1 to 0"),
        ([0, 1], [0, 5], "index run from 0 to 5"),
        ([0, 1], [-1, 0], "index run from -1 to 0"),
        ([0, 1], [0], "2 labels for 1 images"),
        ([0, 1], None, "2 labels for 5 images"),
    ],
)
@KINDS
def test_labels_and_places_that_are_none_are_refused(
    kind: str, labels: list[int], index: list[int] | None, message: str
) -> None:
    release = Release(levels(5 if kind == "samplewise" else 3), kind, SOURCE)
    with pytest.raises(UnlearnableError, match=message):
        release.difference_for(torch.tensor(labels), None if index is None else torch.tensor(index))


def test_a_mask_is_no_index() -> None:
    release = Release(levels(5), "samplewise", SOURCE)
    with pytest.raises(UnlearnableError, match=r"index: torch\.bool"):
        release.difference_for(torch.tensor([0, 1]), torch.tensor([True, False]))


def test_little_need_be_known() -> None:
    """Of a file of somebody else's, say."""
    release = Release(levels(5, torch.int16, 255), "samplewise", SOURCE)
    assert (release.bound, release.rows, release.made_by) == (None, None, {})
    assert release.finished
    assert not dataclasses.replace(release, made_by={"finished": False}).finished


def test_what_is_kept_is_plain_whatever_it_was_built_from() -> None:
    turned = levels(5).to(memory_format=torch.channels_last)
    rows = torch.arange(10, dtype=torch.int32)[:9:2]
    release = Release(turned, "samplewise", SOURCE, rows=torch.arange(5, dtype=torch.uint8))
    assert release.difference.is_contiguous()
    assert torch.equal(release.difference, turned)
    assert release.rows is not None
    assert release.rows.dtype == torch.int64
    wide = dataclasses.replace(SOURCE, shape=(9, 2, 2, 3))
    assert Release(levels(5), "samplewise", wide, rows=rows).rows.is_contiguous()


def test_a_picture_of_it_reaches_to_the_bound_or_to_the_largest_change() -> None:
    made = levels(5)
    assert Release(made, "samplewise", SOURCE, bound=Bound("linf", "16/255")).amplitude == 16 / 255
    assert Release(made, "samplewise", SOURCE).amplitude == 8 / 255
    assert Release(made, "samplewise", SOURCE, bound=Bound("l2", 1)).amplitude == 8 / 255
    assert Release(-made.abs(), "samplewise", SOURCE).amplitude == 8 / 255
    assert Release(made * 0, "samplewise", SOURCE).amplitude == 1 / 255


def changed(level: int) -> Tensor:
    made = levels(5, torch.int16)
    made[4, 1, 1, 2] = level
    return made


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "patchwise"}, "kind='patchwise'"),
        ({"kind": None}, "kind=None"),
        ({"kind": ["samplewise"]}, "kind="),
        ({"difference": levels(5).float()}, "float32"),
        ({"difference": levels(5).int()}, "int32"),
        ({"difference": levels(5).abs().to(torch.uint8)}, "uint8"),
        ({"difference": levels(5).tolist()}, "list"),
        ({"difference": changed(256)}, "256 grey levels"),
        ({"difference": changed(-300)}, "-300"),
        ({"difference": levels(4)}, r"\(4, 2, 2, 3\).*\(5, 2, 2, 3\), one for each image"),
        ({"difference": levels(5).view(5, 2, 6)}, r"\(5, 2, 6\)"),
        ({"difference": levels(5)[:, :1]}, r"\(5, 1, 2, 3\)"),
        ({"difference": levels(0)}, r"\(0, 2, 2, 3\)"),
        ({"kind": "classwise"}, r"\(5, 2, 2, 3\).*\(3, 2, 2, 3\), one for each class"),
        ({"rows": torch.tensor([0, 1, 2])}, r"\(3, 2, 2, 3\)"),
        ({"rows": torch.tensor([0, 1, 2, 4, 3])}, "ascending"),
        ({"rows": torch.tensor([0, 1, 2, 2, 3])}, "ascending"),
        ({"rows": torch.tensor([0, 1, 2, 3, 5])}, "rows run from 0 to 5"),
        ({"rows": torch.tensor([-1, 1, 2, 3, 4])}, "rows run from -1 to 4"),
        ({"rows": torch.tensor([], dtype=torch.int64)}, "rows are empty"),
        ({"rows": torch.ones(5, dtype=torch.bool)}, r"mask\.nonzero"),
        ({"rows": [0, 1, 2, 3, 4]}, "rows: list"),
        ({"bound": Bound("linf", "7/255")}, "changed by 8 grey levels.*allows 7"),
        ({"bound": Bound("l0", 1)}, "places"),
        ({"bound": Bound("l2", 1e-3)}, "length"),
        ({"bound": ("linf", 0.1)}, "bound is"),
        ({"bound": {"norm": "linf", "value": 0.1}}, "bound is"),
        ({"source": None}, "source is a NoneType"),
        ({"made_by": None}, "made_by"),
        ({"made_by": {"error": math.nan}}, r"made_by\.error"),
        ({"made_by": {"maker": object()}}, r"made_by\.maker is a object"),
        ({"versions": {"torch": 2}}, "versions"),
        ({"versions": None}, "versions"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_is_refused_when_it_is_built(change: dict[str, Any], message: str) -> None:
    fields: dict[str, Any] = {"difference": levels(5), "kind": "samplewise", "source": SOURCE}
    Release(**fields)
    with pytest.raises(UnlearnableError, match=message):
        Release(**fields | change)


@pytest.mark.parametrize(
    "change",
    [
        {"shape": (5, 2, 2)},
        {"shape": (0, 2, 2, 3)},
        {"shape": (5, 2, 2, -3)},
        {"shape": (5, 2, 2, 3.0)},
        {"shape": (5, 2, 2, True)},
        {"shape": None},
        {"shape": 5},
        {"class_names": ()},
        {"class_names": "ab"},
        {"class_names": (1, 2)},
        {"class_names": None},
        {"name": None},
        {"name": ""},
        {"split": 3},
        {"sha256": None},
        {"sha256": ""},
    ],
    ids=str,
)
def test_images_without_shape_names_or_fingerprint_are_no_source(change: dict[str, Any]) -> None:
    with pytest.raises(UnlearnableError, match="of the data"):
        dataclasses.replace(SOURCE, **change)
