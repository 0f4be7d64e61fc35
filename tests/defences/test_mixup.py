"""Mixup: the arithmetic, and what it must not do."""

import pytest
import torch

from unlearnable_lightning.defences import Mixup
from unlearnable_lightning.defences.mixup import mix
from unlearnable_lightning.errors import UnlearnableError


def batch(count: int = 8) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(0)
    return torch.rand(count, 3, 4, 4), torch.eye(5)[torch.arange(count) % 5]


def test_mix_equals_a_loop() -> None:
    images, _ = batch()
    partner = torch.tensor([3, 2, 1, 0, 7, 6, 5, 4])
    mixed = mix(images, partner, 0.3)
    for row, other in enumerate(partner.tolist()):
        torch.testing.assert_close(mixed[row], 0.3 * images[row] + 0.7 * images[other])


def test_a_share_of_one_gives_the_input_back() -> None:
    images, _ = batch()
    assert torch.equal(mix(images, torch.arange(8).flip(0), 1.0), images)


def test_images_and_targets_are_blended_by_the_same_share_with_the_same_partner() -> None:
    _, targets = batch()
    as_images = targets[:, :, None, None].expand(-1, -1, 2, 2)
    for seed in range(5):
        torch.manual_seed(seed)
        mixed, shares = Mixup().on_batch(as_images, targets)
        torch.testing.assert_close(mixed[:, :, 0, 0], shares)
        torch.testing.assert_close(shares.sum(1), torch.ones(8))


def test_the_share_follows_the_beta_distribution() -> None:
    torch.manual_seed(0)
    images, targets = batch(2)
    shares = torch.tensor([Mixup(0.2).on_batch(images, targets)[1].max() for _ in range(400)])
    assert (shares > 0.95).float().mean() > 0.5  # Beta(0.2, 0.2) is near 0 or 1 most of the time


def test_the_input_stays_as_it_was() -> None:
    images, targets = batch()
    before = images.clone(), targets.clone()
    Mixup().on_batch(images, targets)
    assert torch.equal(images, before[0])
    assert torch.equal(targets, before[1])


@pytest.mark.parametrize("alpha", [0, -1, 1e-60, 1e60, float("nan"), float("inf")])
def test_alpha_must_be_above_0(alpha: float) -> None:
    with pytest.raises(UnlearnableError, match="alpha"):
        Mixup(alpha)
