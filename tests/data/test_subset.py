import pytest
import torch

from unlearnable_lightning.data.subset import stratified
from unlearnable_lightning.errors import UnlearnableError

LABELS = torch.cat([torch.full((count,), label) for label, count in enumerate((200, 100, 50, 7))])[
    torch.randperm(357, generator=torch.Generator().manual_seed(1))
]


@pytest.mark.parametrize("count", [1, 7, 36, 100, 179, 356, 357])
def test_every_class_keeps_its_share(count: int) -> None:
    rows = stratified(LABELS, count, seed=0)
    assert len(rows.unique()) == count
    assert rows.tolist() == sorted(rows.tolist())
    shares = LABELS.bincount() * count / 357
    assert (LABELS[rows].bincount(minlength=4) - shares).abs().max() < 0.75  # rounded, not up


def test_balanced_classes_stay_balanced() -> None:
    labels = torch.arange(1000) % 10
    assert labels[stratified(labels, 300, seed=0)].bincount().tolist() == [30] * 10


def test_choice_depends_on_the_seed_alone() -> None:
    torch.manual_seed(1)
    first = stratified(LABELS, 50, seed=0)
    state = torch.get_rng_state()
    assert torch.equal(stratified(LABELS, 50, seed=0), first)
    assert torch.equal(torch.get_rng_state(), state)
    assert not torch.equal(stratified(LABELS, 50, seed=1), first)


def test_choice_is_not_the_first_rows_of_each_class() -> None:
    labels = torch.arange(1000) % 10
    assert stratified(labels, 100, seed=0).max() > 500


@pytest.mark.parametrize("count", [0, -1, 358])
def test_impossible_counts_are_refused(count: int) -> None:
    with pytest.raises(UnlearnableError, match=f"subset of {count} images.*at most 357"):
        stratified(LABELS, count, seed=0)
