import dataclasses
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from unlearnable_lightning.noise import (
    DataSource,
    Noise,
    NoiseMismatchError,
    add_noise,
    check_fits,
    fingerprint,
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
def test_poison_equals_the_naive_loop(noise_for: Callable[..., Noise], kind: str) -> None:
    images, labels, source = data()
    noise = noise_for(source, kind)
    poisoned = poison(images, labels, noise)
    assert poisoned.dtype == torch.uint8
    for i, row in enumerate(images):
        delta = noise.values[i if kind == "samplewise" else labels[i]]
        expected = [
            min(255, max(0, pixel + level))
            for pixel, level in zip(row.flatten().tolist(), delta.flatten().tolist(), strict=True)
        ]
        assert poisoned[i].flatten().tolist() == expected


def test_every_pixel_with_every_level_is_clipped_not_wrapped() -> None:
    pixels = torch.arange(256, dtype=torch.uint8).repeat(255)
    levels = torch.arange(-127, 128, dtype=torch.int8).repeat_interleave(256)
    expected = [
        min(255, max(0, pixel + level))
        for pixel, level in zip(pixels.tolist(), levels.tolist(), strict=True)
    ]
    assert add_noise(pixels, levels).tolist() == expected


def test_images_and_noise_are_not_written_to(noise_for: Callable[..., Noise]) -> None:
    images, labels, source = data()
    noise = noise_for(source)
    before = images.clone(), noise.values.clone()
    poison(images, labels, noise)
    assert torch.equal(images, before[0])
    assert torch.equal(noise.values, before[1])


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_noise_fits_its_own_data(noise_for: Callable[..., Noise], kind: str) -> None:
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
    noise_for: Callable[..., Noise], kind: str, here: Callable[[], DataSource], named: list[str]
) -> None:
    with pytest.raises(NoiseMismatchError, match="was made for toys/train") as error:
        check_fits(noise_for(data()[2], kind), here())
    for difference in named:
        assert difference in str(error.value)
    assert "Use the data arguments that it was made with" in str(error.value)


def test_only_what_differs_is_named(noise_for: Callable[..., Noise]) -> None:
    with pytest.raises(NoiseMismatchError) as error:
        check_fits(noise_for(data()[2]), data(5)[2])
    assert "image shape" not in str(error.value)
    assert "classes" not in str(error.value)


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
@pytest.mark.parametrize("change", ["order", "labels", "pixel"])
def test_other_images_of_the_same_shape_are_refused(
    noise_for: Callable[..., Noise], kind: str, change: str
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


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_noise_with_a_row_too_few_is_refused(noise_for: Callable[..., Noise], kind: str) -> None:
    """Its header may claim the right data."""
    noise = noise_for(data()[2], kind)
    short = dataclasses.replace(noise, values=noise.values[:-1])
    with pytest.raises(NoiseMismatchError, match="rows of noise"):
        check_fits(short, noise.source)


def test_samplewise_noise_that_says_classwise_is_refused(
    noise_for: Callable[..., Noise],
) -> None:
    noise = noise_for(data()[2])
    with pytest.raises(NoiseMismatchError, match="rows of noise"):
        check_fits(dataclasses.replace(noise, kind="classwise"), noise.source)
