import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import (
    DataSource,
    NoiseMismatchError,
    Release,
    check_fits,
    fingerprint,
    fits,
    poison,
)

CLASSES = ("cat", "dog", "frog")


def data(
    count: int = 6, channels: int = 3, size: int = 4, classes: tuple[str, ...] = CLASSES
) -> tuple[Tensor, Tensor, DataSource]:
    """Random images, half of their pixels black or white, with labels and their source."""
    random = torch.Generator().manual_seed(count)
    shape = (count, channels, size, size)
    images = torch.randint(-128, 384, shape, generator=random).clamp(0, 255).to(torch.uint8)
    labels = torch.arange(count) % len(classes)
    source = DataSource("toys", "train", shape, classes, fingerprint(images, labels))
    return images, labels, source


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_poison_equals_the_naive_loop(noise_for: Callable[..., Release], kind: str) -> None:
    images, labels, source = data()
    noise = noise_for(source, kind)
    poisoned = poison(images, labels, noise)
    assert poisoned.dtype == torch.uint8
    for i, row in enumerate(images):
        delta = noise.difference[i if kind == "samplewise" else labels[i]]
        expected = [
            min(255, max(0, pixel + level))
            for pixel, level in zip(row.flatten().tolist(), delta.flatten().tolist(), strict=True)
        ]
        assert poisoned[i].flatten().tolist() == expected


@settings(deadline=None, derandomize=True, max_examples=60)
@given(
    kind=st.sampled_from(["samplewise", "classwise"]),
    rows=st.one_of(st.none(), st.sets(st.integers(0, 5), min_size=1)),
    dtype=st.sampled_from([torch.uint8, torch.int16, torch.int64]),
    chunk=st.sampled_from([1, 2, 4096]),
    seed=st.integers(0, 99),
)
def test_only_the_rows_are_poisoned_and_by_the_naive_loop(
    kind: str, rows: set[int] | None, dtype: torch.dtype, chunk: int, seed: int
) -> None:
    """Differences of up to 255 levels, which take an image to any other."""
    images, labels, source = data()
    count = 3 if kind == "classwise" else 6 if rows is None else len(rows)
    random = torch.Generator().manual_seed(seed)
    levels = torch.randint(-255, 256, (count, 3, 4, 4), generator=random).to(torch.int16)
    changed = range(6) if rows is None else sorted(rows)
    release = Release(levels, kind, source, rows=None if rows is None else torch.tensor(changed))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fits, "_CHUNK", chunk)
        poisoned = poison(images, labels.to(dtype), release)
    expected = images.long()
    for place, i in enumerate(changed):
        expected[i] += levels[labels[i] if kind == "classwise" else place]
    assert torch.equal(poisoned, expected.clamp(0, 255).to(torch.uint8))


def test_images_and_noise_are_not_written_to(noise_for: Callable[..., Release]) -> None:
    images, labels, source = data()
    noise = noise_for(source)
    before = images.clone(), noise.difference.clone()
    poison(images, labels, noise)
    assert torch.equal(images, before[0])
    assert torch.equal(noise.difference, before[1])


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_noise_fits_its_own_data(noise_for: Callable[..., Release], kind: str) -> None:
    source = data()[2]
    check_fits(noise_for(source, kind), dataclasses.replace(source, name="a copy"))


def digits() -> DataSource:
    return data(10, 1, 7, tuple("0123456789"))[2]


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
@pytest.mark.parametrize(
    ("here", "named"),
    [
        (digits, ["images 6 there, 10 here", "image shape (3, 4, 4) there, (1, 7, 7) here"]),
        (lambda: data(5)[2], ["images 6 there, 5 here"]),
        (lambda: data(6, 1)[2], ["image shape (3, 4, 4) there, (1, 4, 4) here"]),
        (lambda: data(classes=(*CLASSES, "horse"))[2], ["classes 3 there, 4 here"]),
    ],
    ids=["digits", "count", "channels", "classes"],
)
def test_noise_for_other_data_is_refused(
    noise_for: Callable[..., Release], kind: str, here: Callable[[], DataSource], named: list[str]
) -> None:
    with pytest.raises(NoiseMismatchError, match="was made for toys/train") as error:
        check_fits(noise_for(data()[2], kind), here())
    for difference in named:
        assert difference in str(error.value)
    assert "Use the data arguments that it was made with" in str(error.value)


def test_only_what_differs_is_named(noise_for: Callable[..., Release]) -> None:
    with pytest.raises(NoiseMismatchError) as error:
        check_fits(noise_for(data()[2]), data(5)[2])
    assert "image shape" not in str(error.value)
    assert "classes" not in str(error.value)


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
@pytest.mark.parametrize("change", ["order", "labels", "pixel"])
def test_other_images_of_the_same_shape_are_refused(
    noise_for: Callable[..., Release], kind: str, change: str
) -> None:
    images, labels, source = data()
    if change == "order":
        images, labels = images.flip(0), labels.flip(0)
    elif change == "labels":
        labels = labels.roll(1)
    else:
        images[0, 0, 0, 0] ^= 1
    here = dataclasses.replace(source, sha256=fingerprint(images, labels))
    with pytest.raises(NoiseMismatchError, match="another subset, seed or order"):
        check_fits(noise_for(source, kind), here)


def test_float_images_are_refused_with_the_fix(noise_for: Callable[..., Release]) -> None:
    """As numbers they would be nearly black."""
    images, labels, source = data()
    with pytest.raises(UnlearnableError, match=r"float32; they must be uint8.*\* 255\)\.round"):
        poison(images / 255, labels, noise_for(source))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda labels: labels + 1, "labels run from 1 to 3"),
        (lambda labels: labels - 1, "labels run from -1 to 1"),
        (lambda labels: labels.float(), "tensor of integers"),
        (lambda labels: labels == 1, "tensor of integers"),
        (lambda labels: torch.nn.functional.one_hot(labels), "argmax"),
        (lambda labels: labels[:5], "6 images and 5 labels"),
        (lambda labels: torch.cat([labels, labels]), "6 images and 12 labels"),
    ],
)
@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_labels_that_are_none_are_refused(
    noise_for: Callable[..., Release], kind: str, change: Callable[[Tensor], Tensor], message: str
) -> None:
    images, labels, source = data()
    with pytest.raises(UnlearnableError, match=message):
        poison(images, change(labels), noise_for(source, kind))


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda images, labels: (images.flip(0), labels.flip(0)), "order"),
        (lambda images, labels: (images, labels.roll(1)), "order"),
        (lambda images, labels: (images[:5], labels[:5]), "images 6 there, 5 here"),
        (lambda images, labels: (images[:, :1], labels), r"\(3, 4, 4\) there, \(1, 4, 4\) here"),
    ],
    ids=["order", "labels", "subset", "gray"],
)
def test_other_images_are_not_poisoned(
    noise_for: Callable[..., Release], kind: str, change: Callable[..., Any], message: str
) -> None:
    images, labels, source = data()
    with pytest.raises(NoiseMismatchError, match=message):
        poison(*change(images, labels), noise_for(source, kind))
