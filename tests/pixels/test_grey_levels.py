"""8-bit arithmetic against naive loops."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import add, floor_grey_levels, quantize

DTYPES = pytest.mark.parametrize("dtype", [torch.int8, torch.int16], ids=str)
pairs = st.lists(st.tuples(st.integers(0, 255), st.integers(-255, 255)), min_size=1, max_size=50)


@pytest.mark.parametrize("levels", range(1, 256))
def test_whole_grey_levels_are_within_their_own_epsilon(levels: int) -> None:
    assert floor_grey_levels(levels / 255) == levels
    assert floor_grey_levels(f"{levels}/255") == levels
    assert quantize(torch.tensor([levels / 255, -levels / 255, 2.0]), levels / 255).tolist() == [
        levels,
        -levels,
        levels,
    ]


def test_part_of_a_grey_level_is_left_out() -> None:
    assert [floor_grey_levels(levels / 255) for levels in (0.5, 7.65, 7.99, 254.9)] == [
        0,
        7,
        7,
        254,
    ]


@pytest.mark.parametrize("epsilon", [8 / 255, 0.03, 7.65 / 255, 0.1, 0.6, 1.0])
def test_quantize_rounds_to_the_nearest_level_within_the_bound(epsilon: float) -> None:
    delta = torch.empty(2000, dtype=torch.float64).uniform_(-1.2 * epsilon, 1.2 * epsilon)
    most = max(level for level in range(256) if level <= 255 * epsilon + 1e-9)
    expected = [max(-most, min(most, round(255 * value))) for value in delta.tolist()]
    got = quantize(delta, epsilon)
    assert got.dtype == (torch.int8 if epsilon < 0.5 else torch.int16)
    assert got.tolist() == expected


def test_quantize_keeps_negative_noise() -> None:
    """The code of the ICLR paper drops it."""
    delta = torch.linspace(-8 / 255, 8 / 255, 17)
    assert quantize(delta, 8 / 255).tolist() == list(range(-8, 9))
    assert torch.equal(quantize(-delta, 8 / 255), -quantize(delta, 8 / 255))


def test_more_levels_than_int8_holds_are_not_clipped_to_it() -> None:
    assert quantize(torch.tensor([-1.0, 0.5, 1.0]), 1.0).tolist() == [-255, 128, 255]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_not_quantized(value: float) -> None:
    """NaN becomes some grey level or other, by processor."""
    with pytest.raises(UnlearnableError, match="NaN or infinite"):
        quantize(torch.tensor([0.0, value]), 8 / 255)


def test_grey_levels_are_not_quantized_again() -> None:
    with pytest.raises(UnlearnableError, match=r"int8.*divide them by 255"):
        quantize(torch.tensor([8], dtype=torch.int8), 8 / 255)


@pytest.mark.parametrize("epsilon", [0, -1, 8, float("nan"), "x"])
def test_epsilon_out_of_range_is_refused(epsilon: Any) -> None:
    for call in (lambda: quantize(torch.zeros(1), epsilon), lambda: floor_grey_levels(epsilon)):
        with pytest.raises(UnlearnableError, match="epsilon="):
            call()


@DTYPES
def test_every_pixel_with_every_level_is_clipped_not_wrapped(dtype: torch.dtype) -> None:
    low, high = (-128, 127) if dtype == torch.int8 else (-255, 255)
    pixels = torch.arange(256, dtype=torch.uint8).repeat(high - low + 1)
    levels = torch.arange(low, high + 1, dtype=dtype).repeat_interleave(256)
    expected = [
        min(255, max(0, pixel + level))
        for pixel, level in zip(pixels.tolist(), levels.tolist(), strict=True)
    ]
    poisoned = add(pixels, levels)
    assert poisoned.dtype == torch.uint8
    assert poisoned.tolist() == expected


@settings(deadline=None, derandomize=True)
@given(pairs=pairs)
def test_any_8_bit_image_is_reached_from_any_other(pairs: list[tuple[int, int]]) -> None:
    """What a difference is for: the poisoned image minus the clean one gives it back."""
    clean, levels = (torch.tensor(each) for each in zip(*pairs, strict=True))
    poisoned = (clean + levels).clamp(0, 255)
    difference = (poisoned - clean).to(torch.int16)
    assert add(clean.to(torch.uint8), difference).tolist() == poisoned.tolist()


def test_add_leaves_its_arguments_alone() -> None:
    images = torch.full((2, 3), 250, dtype=torch.uint8)
    for dtype in (torch.int8, torch.int16):
        levels = torch.full((2, 3), 8, dtype=dtype)
        assert add(images, levels).tolist() == [[255] * 3] * 2
        assert images.eq(250).all()
        assert levels.eq(8).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.int16, torch.bool], ids=str)
def test_images_that_are_not_8_bit_are_refused_with_the_fix(dtype: torch.dtype) -> None:
    with pytest.raises(UnlearnableError, match=r"must be uint8.*\(images \* 255\)\.round"):
        add(torch.zeros(4, dtype=dtype), torch.zeros(4, dtype=torch.int8))


@pytest.mark.parametrize("dtype", [torch.float32, torch.uint8, torch.int32, torch.bool], ids=str)
def test_a_difference_of_another_dtype_is_refused(dtype: torch.dtype) -> None:
    with pytest.raises(UnlearnableError, match=rf"{dtype}.*int8 or int16"):
        add(torch.zeros(4, dtype=torch.uint8), torch.zeros(4, dtype=dtype))


@pytest.mark.parametrize("level", [-256, 256, 32767, -32768])
def test_a_difference_that_no_pixels_have_is_refused(level: int) -> None:
    levels = torch.tensor([0, level], dtype=torch.int16)
    with pytest.raises(UnlearnableError, match=rf"{level}.*at most 255"):
        add(torch.zeros(2, dtype=torch.uint8), levels)


def test_another_shape_is_refused_even_if_it_could_be_repeated() -> None:
    with pytest.raises(UnlearnableError, match=r"\(2, 3\), their difference \(1, 3\)"):
        add(torch.zeros(2, 3, dtype=torch.uint8), torch.zeros(1, 3, dtype=torch.int8))
