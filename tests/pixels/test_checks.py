"""What users hand to the public functions."""

from typing import Any

import numpy as np
import pytest
import torch

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import as_indices, check_images

INTEGERS = [torch.int8, torch.int16, torch.int32, torch.int64]
UNSIGNED = [torch.uint8, torch.uint16, torch.uint32, torch.uint64]


@pytest.mark.parametrize("dtype", [*INTEGERS, *UNSIGNED], ids=str)
def test_labels_of_any_integer_dtype_become_int64(dtype: torch.dtype) -> None:
    """uint8 of two images would pass for a mask of two rows."""
    labels = as_indices(torch.tensor([0, 1, 1, 2]).to(dtype), "labels", 3)
    assert labels.dtype == torch.int64
    assert labels.tolist() == [0, 1, 1, 2]


@pytest.mark.parametrize(
    "values",
    [torch.tensor([0.0, 1.0]), torch.tensor([True, False]), [0, 1], np.array([0, 1]), None],
    ids=str,
)
def test_what_are_no_integers_is_refused(values: Any) -> None:
    with pytest.raises(UnlearnableError, match=r"labels: .*must be a tensor of integers"):
        as_indices(values, "labels", 3)


@pytest.mark.parametrize(
    ("values", "found"), [([-1, 2], "-1 to 2"), ([0, 3], "0 to 3"), ([1, 10], "1 to 10")]
)
def test_out_of_range_is_refused_with_the_range(values: list[int], found: str) -> None:
    with pytest.raises(UnlearnableError, match=rf"labels run from {found}.*between 0 and 2"):
        as_indices(torch.tensor(values), "labels", 3)


def test_numbers_beyond_int64_do_not_wrap_into_the_range() -> None:
    with pytest.raises(UnlearnableError, match="labels run from"):
        as_indices(torch.tensor([2**64 - 1], dtype=torch.uint64), "labels", 3)


@pytest.mark.parametrize("shape", [(), (4, 1), (2, 2)])
def test_another_number_of_dimensions_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UnlearnableError, match=r"it must be \[B\]"):
        as_indices(torch.zeros(shape, dtype=torch.int64), "labels", 3)


def test_no_labels_at_all_are_none() -> None:
    assert as_indices(torch.zeros(0, dtype=torch.uint8), "labels", 3).tolist() == []


@pytest.mark.parametrize("shape", [(3, 4, 4), (4, 4), (1, 1, 3, 4, 4)])
def test_images_of_another_number_of_dimensions_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(UnlearnableError, match=r"must be \[N, C, H, W\]"):
        check_images(torch.zeros(shape, dtype=torch.uint8))


def test_an_array_is_no_tensor() -> None:
    with pytest.raises(UnlearnableError, match="from_numpy"):
        check_images(np.zeros((1, 3, 4, 4), dtype=np.uint8))  # type: ignore[arg-type]
