"""Bounds against naive loops, and their tolerance to the digit."""

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import Bound
from unlearnable_lightning.release import norms as norms_module

SHAPE = (3, 2, 2, 3)
levels = st.lists(
    st.one_of(st.just(0), st.integers(-255, 255)),
    min_size=math.prod(SHAPE),
    max_size=math.prod(SHAPE),
)


def sizes(difference: Tensor) -> dict[str, float]:
    """The three sizes, pixel by pixel: grey levels, length of [0, 1], places."""
    largest, longest, most = 0, 0.0, 0
    for image in difference.tolist():
        square, places = 0, set()
        for channel in image:
            for y, row in enumerate(channel):
                for x, level in enumerate(row):
                    largest = max(largest, abs(level))
                    square += level**2
                    if level:
                        places.add((y, x))
        longest, most = max(longest, math.sqrt(square) / 255), max(most, len(places))
    return {"linf": largest, "l2": longest, "l0": most}


def keeps(difference: Tensor, norm: str, value: float) -> bool:
    try:
        Bound(norm, value).check(difference)
    except UnlearnableError:
        return False
    return True


@settings(deadline=None, derandomize=True)
@given(levels=levels, value=st.floats(0.004, 1), places=st.integers(1, 6))
def test_a_bound_is_kept_if_the_naive_loop_says_so(
    levels: list[int], value: float, places: int
) -> None:
    difference = torch.tensor(levels, dtype=torch.int16).view(SHAPE)
    found = sizes(difference)
    assert keeps(difference, "linf", value) == (found["linf"] <= math.floor(value * 255 + 1e-6))
    rounding = math.sqrt(2 * 2 * 3) / 2 / 255
    assert keeps(difference, "l2", value) == (found["l2"] <= value + rounding + 1e-9)
    assert keeps(difference, "l0", places) == (found["l0"] <= places)


def test_any_perturbation_of_an_l2_ball_keeps_it_after_rounding() -> None:
    """The worst of the rounding: every entry half a level further out."""
    random = torch.Generator().manual_seed(0)
    for length in (0.05, 0.5, 1.0):
        delta = torch.randn(50, 3, 8, 8, generator=random).double()
        delta *= length / delta.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        outward = (delta * 255).abs().add(0.5).floor() * delta.sign()
        Bound("l2", length).check(outward.to(torch.int16))


def test_an_l2_length_beyond_the_rounding_is_refused() -> None:
    difference = torch.zeros(2, 1, 2, 2, dtype=torch.int16)
    difference[1, 0, 0, 0] = 101  # 100 + √4 / 2
    Bound("l2", 100 / 255).check(difference)
    difference[1, 0, 0, 0] = 102
    with pytest.raises(UnlearnableError, match=r"0\.4 \(length, of \[0, 1\]\).*l2 0\.392157"):
        Bound("l2", 100 / 255).check(difference)


def test_every_image_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many fit into a chunk."""
    difference = torch.zeros(7, 1, 2, 2, dtype=torch.int8)
    difference[6] = 9
    for chunk in (1, 4, 8, 12, 2**20):
        monkeypatch.setattr(norms_module, "_CHUNK", chunk)
        assert norms_module.l0(difference, 4)[0] == 4
        assert norms_module.l2(difference, 1)[0] == pytest.approx(18 / 255)


def test_the_lowest_level_of_int8_counts_as_128() -> None:
    difference = torch.full((1, 1, 1, 1), -128, dtype=torch.int8)
    assert not keeps(difference, "linf", 127 / 255)
    assert keeps(difference, "linf", 128 / 255)


def test_one_pixel_of_255_levels_is_one_place() -> None:
    difference = torch.zeros(2, 3, 4, 4, dtype=torch.int16)
    difference[:, :, 1, 2] = torch.tensor([255, -255, 3], dtype=torch.int16)
    Bound("l0", 1).check(difference)


def test_values_may_be_written_as_fractions() -> None:
    assert Bound("linf", "8/255") == Bound("linf", 8 / 255)
    assert Bound("l2", "128/255").value == 128 / 255
    assert Bound("l2", 3).value == 3
    assert (Bound("l0", 1.0).value, type(Bound("l0", 1.0).value)) == (1, int)


@pytest.mark.parametrize(
    ("norm", "value"),
    [
        *((norm, value) for norm in ("linf", "l2", "l0") for value in (0, -1, "x", None, [8])),
        *((norm, value) for norm in ("linf", "l2", "l0") for value in (float("nan"), math.inf)),
        *((norm, True) for norm in ("linf", "l2", "l0")),
        ("linf", 8),
        ("linf", 10**400),
        ("l2", 10**400),
        ("l0", 1.5),
        ("l0", "1"),
        *((norm, 0.5) for norm in ("l1", "L2", "", None, 2, ["l2"], "_chunks", "math")),
    ],
)
def test_other_bounds_are_refused(norm: Any, value: Any) -> None:
    with pytest.raises(UnlearnableError, match="bound"):
        Bound(norm, value)
