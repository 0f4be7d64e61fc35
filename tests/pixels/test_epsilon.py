from fractions import Fraction

import pytest

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import as_pixels, as_step


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("8/255", Fraction(8, 255)),
        (" 8 / 255 ", Fraction(8, 255)),
        ("1.6/255", Fraction(16, 2550)),
        ("0.5", Fraction(1, 2)),
        ("3e-2", Fraction(3, 100)),
        (0.25, Fraction(1, 4)),
        (1, Fraction(1)),
        ("1", Fraction(1)),
    ],
)
def test_numbers_and_fractions_are_read(written: float | str, amount: Fraction) -> None:
    assert as_pixels(written) == float(amount)


def test_fraction_is_the_same_float_as_the_division() -> None:
    assert [as_pixels(f"{level}/255") for level in range(1, 256)] == [
        level / 255 for level in range(1, 256)
    ]


@pytest.mark.parametrize(
    "value", ["abc", "", "1/0", "8/255/2", "8/2.5", "8/", "/255", "nan", "1e400", None, [8], True]
)
def test_no_number_is_refused(value: object) -> None:
    with pytest.raises(UnlearnableError, match="is not a number") as error:
        as_pixels(value, "step_size")
    assert f"step_size={value!r}" in str(error.value)
    assert "8/255" in str(error.value)


@pytest.mark.parametrize(
    "value", [0, "0/255", -0.1, "-8/255", 8, "8", 256, float("nan"), float("inf"), 1.0001]
)
def test_amount_out_of_range_is_refused(value: float | str) -> None:
    with pytest.raises(UnlearnableError, match="out of range") as error:
        as_pixels(value)
    assert f"epsilon={value}" in str(error.value)
    assert "above 0 and at most 1" in str(error.value)


@pytest.mark.parametrize("value", [8, "8", 255])
def test_grey_levels_are_recognised(value: int | str) -> None:
    with pytest.raises(UnlearnableError, match=f"Did you mean {value}/255"):
        as_pixels(value)


@pytest.mark.parametrize("value", [0, -8, 256])
def test_what_are_no_grey_levels_gets_no_hint(value: int) -> None:
    with pytest.raises(UnlearnableError) as error:
        as_pixels(value)
    assert "Did you mean" not in str(error.value)


def test_an_attack_may_be_smaller_than_a_grey_level() -> None:
    """What it perturbs stays in memory; noise, which is published in 8 bits, may not."""
    assert as_pixels("1/2550") == 1 / 2550


def test_largest_amount_is_allowed_and_no_more() -> None:
    assert as_pixels("127/255", most=127 / 255) == 127 / 255
    with pytest.raises(UnlearnableError, match=r"at most 0\.498"):
        as_pixels("128/255", most=127 / 255)


@pytest.mark.parametrize(
    ("written", "step"),
    [
        ("epsilon/5", 1.6 / 255),
        ("epsilon / 2.5", 3.2 / 255),
        ("epsilon", 8 / 255),
        ("2/255", 2 / 255),
        (0.01, 0.01),
    ],
)
def test_a_step_is_an_amount_or_a_share_of_epsilon(written: float | str, step: float) -> None:
    assert as_step(written, 8 / 255) == pytest.approx(step, rel=1e-15)
    doubled = 2 if str(written).startswith("epsilon") else 1
    assert as_step(written, 16 / 255) == pytest.approx(doubled * step, rel=1e-15)


@pytest.mark.parametrize(
    "written",
    ["epsilon/0", "epsilon/-5", "epsilon/0.5", "epsilon*2", "epsilon/", "epsilon/x", "epsilon/5/5"],
)
def test_what_is_no_share_of_epsilon_is_refused_with_the_rule(written: str) -> None:
    with pytest.raises(UnlearnableError, match=r"alpha='epsilon.* is no share.*epsilon/5, by a"):
        as_step(written, 8 / 255, "alpha")
