"""The open record of a release: JSON values and nothing else."""

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release.record import checked

numbers = st.one_of(
    st.integers(1 - 2**64, 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=20,
)


@settings(deadline=None, derandomize=True)
@given(record=st.dictionaries(st.text(min_size=1).map(lambda text: f"my {text}"), values))
def test_whatever_json_has_a_word_for_is_kept(record: dict[str, Any]) -> None:
    assert checked(record) == record
    assert json.loads(json.dumps(checked(record))) == record


def test_tuples_become_lists_and_the_record_a_copy() -> None:
    arguments = {"attacks": ("fgsm", "pgd"), "more": {"a": (1, (2,))}}
    record = checked({"arguments": arguments})
    assert record == {"arguments": {"attacks": ["fgsm", "pgd"], "more": {"a": [1, [2]]}}}
    arguments["attacks"] = ()
    assert record["arguments"]["attacks"] == ["fgsm", "pgd"]


def test_numbers_that_are_more_than_numbers_become_plain() -> None:
    """NumPy's float64 is a float, and its text is not."""
    record = checked({"lr": np.float64(0.1), "name": np.str_("x")})
    assert [type(value) for value in record.values()] == [float, str]


class Dangerous:
    pass


@pytest.mark.parametrize(
    "value",
    [
        math.nan,
        math.inf,
        2**64,
        -(2**64),
        10**5000,
        1j,
        b"x",
        {1, 2},
        Path("x"),
        Fraction(1, 2),
        np.int64(1),
        torch.tensor(1),
        torch.nn.ReLU,
        Dangerous(),
        {1: 2},
        {None: 2},
        lambda: None,
    ],
    ids=lambda value: type(value).__name__,
)
def test_anything_else_is_refused_with_its_place(value: Any) -> None:
    with pytest.raises(UnlearnableError, match=r"made_by\.arguments\.a\[1\]\.b"):
        checked({"arguments": {"a": [0, {"b": value}]}})


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(UnlearnableError, match="nested deeper"):
        checked({"a": endless})


@pytest.mark.parametrize(
    "record",
    [
        {"class_path": 3},
        {"class_path": None},
        {"arguments": []},
        {"arguments": None},
        {"seed": "0"},
        {"seed": 1.0},
        {"seed": True},
        {"rounds": 1.5},
        {"rounds": True},
        {"rounds": -1},
        {"error": "1%"},
        {"error": True},
        {"error": 1.5},
        {"error": -0.1},
        {"finished": "yes"},
        {"finished": 1},
        {"finished": None},
    ],
    ids=str,
)
def test_an_entry_with_a_meaning_has_its_type(record: dict[str, Any]) -> None:
    (name,) = record
    with pytest.raises(UnlearnableError, match=f"made_by: {name} is"):
        checked(record)


@pytest.mark.parametrize("record", [None, [], "x", 3])
def test_a_record_is_a_dict(record: Any) -> None:
    with pytest.raises(UnlearnableError, match="must be a dict"):
        checked(record)


def test_a_foreign_record_may_lack_everything_or_say_unknown() -> None:
    assert checked({}) == {}
    unknown = {"seed": None, "rounds": None, "error": None}
    assert checked(unknown) == unknown
