import pytest
import torch

from unlearnable_lightning.data.subset import stratified, training_subset
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


@pytest.mark.parametrize("count", [0.5, 20.0, True])
def test_counts_that_are_no_whole_numbers_are_refused(count: int) -> None:
    with pytest.raises(UnlearnableError, match=f"count={count}"):
        stratified(LABELS, count, seed=0)


@pytest.mark.parametrize("seed", [0.5, True, 2**64])
def test_what_is_no_seed_is_refused(seed: int) -> None:
    with pytest.raises(UnlearnableError, match=f"seed={seed}: a seed is a whole number"):
        stratified(LABELS, 20, seed)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.int16, torch.uint16, torch.uint64])
def test_labels_of_any_integer_type_are_chosen_alike(dtype: torch.dtype) -> None:
    assert torch.equal(stratified(LABELS.to(dtype), 50, 0), stratified(LABELS, 50, 0))
    assert torch.equal(training_subset(LABELS.to(dtype), 50, 0), training_subset(LABELS, 50, 0))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (LABELS.float(), r"torch\.float32"),
        (LABELS > 1, r"torch\.bool"),
        (LABELS[:, None], r"shape \(357, 1\)"),
    ],
)
def test_labels_that_are_no_integers_are_refused(labels: torch.Tensor, message: str) -> None:
    with pytest.raises(UnlearnableError, match=message):
        stratified(labels, 20, seed=0)


def test_a_subset_for_training_keeps_every_class_and_says_how_large_it_must_be() -> None:
    """7 of 357 images are of the rarest class; its first one is the 26th of the ranking at most."""
    with pytest.raises(UnlearnableError, match=r"1 of 4 classes \(3\)\. Give at least 26") as error:
        training_subset(LABELS, 20, seed=0)
    assert "train_subset=20" in str(error.value)
    for seed in range(20):
        assert LABELS[training_subset(LABELS, 26, seed)].unique().tolist() == [0, 1, 2, 3]


def test_a_class_that_was_empty_before_is_not_missed() -> None:
    labels = torch.tensor([0, 0, 2, 2])
    assert labels[training_subset(labels, 2, seed=0)].tolist() == [0, 2]
