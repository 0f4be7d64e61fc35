"""Rows of a file are those of the same tensor in memory."""

import pickle
from pathlib import Path

import pytest
import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.rows import FileRows, pieces, whole

ORDERS = [[], [0], [6], [3, 3], [0, 1, 2, 3, 4, 5, 6], [6, 5, 4], [2, 3, 4, 0, 1, 6, 6]]


@pytest.fixture
def numbers() -> Tensor:
    random = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (7, 3, 4, 5), generator=random).to(torch.uint8)


def in_file(path: Path, numbers: Tensor, offset: int = 0, channels_last: bool = False) -> FileRows:
    stored = numbers.permute(0, 2, 3, 1) if channels_last else numbers
    path.write_bytes(b"?" * offset + stored.contiguous().numpy().tobytes())
    return FileRows(path, tuple(numbers.shape), numbers.dtype, offset, channels_last)


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("channels_last", [False, True])
def test_rows_are_read_in_any_order(
    numbers: Tensor, order: list[int], channels_last: bool, tmp_path: Path
) -> None:
    rows = in_file(tmp_path / "f", numbers, 13, channels_last)
    found = rows.index_select(0, torch.tensor(order, dtype=torch.long))
    assert torch.equal(found, numbers[order])
    assert found.is_contiguous()


def test_a_choice_is_read_when_it_is_asked_for(numbers: Tensor, tmp_path: Path) -> None:
    rows = in_file(tmp_path / "f", numbers)
    some, mask = rows[torch.tensor([5, 1, 2])], rows[torch.arange(7) % 2 == 0]
    again = some[torch.tensor([2, 0])]
    assert (some.shape, mask.shape, again.shape) == ((3, 3, 4, 5), (4, 3, 4, 5), (2, 3, 4, 5))
    in_file(tmp_path / "f", 255 - numbers)
    rows.close()
    assert torch.equal(whole(some), 255 - numbers[[5, 1, 2]])
    assert torch.equal(whole(mask), 255 - numbers[::2])
    assert torch.equal(whole(again), 255 - numbers[[2, 5]])


@pytest.mark.parametrize("size", [1, 60, 150, 10**6])
def test_pieces_are_all_rows_and_no_larger_than_they_may_be(
    numbers: Tensor, size: int, tmp_path: Path
) -> None:
    for source in (numbers, in_file(tmp_path / "f", numbers)):
        seen = list(pieces(source, size))
        assert torch.equal(torch.cat([piece for _, piece in seen]), numbers)
        assert all(torch.equal(numbers[place], piece) for place, piece in seen)
        assert all(piece.numel() <= max(size, 60) for _, piece in seen)


def test_written_rows_are_read_back(tmp_path: Path) -> None:
    path, random = tmp_path / "f", torch.rand(5, 2, 3, 3).half()
    path.write_bytes(bytes(7 * 18 * 2))
    rows = FileRows(path, (7, 2, 3, 3), torch.float16, writable=True)
    rows.write(torch.tensor([6, 0, 1, 2, 4]), random)
    assert torch.equal(whole(rows)[[6, 0, 1, 2, 4]], random)
    assert whole(rows)[[3, 5]].abs().sum() == 0


def test_another_process_opens_the_file_for_itself(numbers: Tensor, tmp_path: Path) -> None:
    rows = in_file(tmp_path / "f", numbers)
    rows.read(torch.tensor([0]))
    other = pickle.loads(pickle.dumps(rows))
    rows.close()
    assert torch.equal(whole(other), numbers)


def test_a_file_that_is_cut_or_gone_is_refused_by_its_name(numbers: Tensor, tmp_path: Path) -> None:
    rows = in_file(tmp_path / "pixels", numbers)
    (tmp_path / "pixels").write_bytes(b"?" * 100)
    assert torch.equal(rows.read(torch.tensor([0])), torch.full((1, 3, 4, 5), 63).byte())
    with pytest.raises(UnlearnableError, match="pixels is cut"):
        rows.read(torch.tensor([1]))
    rows.close()
    (tmp_path / "pixels").unlink()
    with pytest.raises(UnlearnableError, match="pixels cannot be read"):
        rows.read(torch.tensor([0]))
