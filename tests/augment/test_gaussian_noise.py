"""Gaussian noise has the mean, width and shape of its distribution."""

import pytest
import torch

from unlearnable_lightning.augment import GaussianNoise

GRAY = torch.full((64, 3, 32, 32), 0.5)


@pytest.mark.parametrize("std", [0.02, 0.1])
def test_the_noise_is_gaussian(std: float) -> None:
    torch.manual_seed(0)
    noise = GaussianNoise(std)(GRAY) - GRAY
    assert noise.mean().abs() < 0.02 * std
    assert noise.std().item() == pytest.approx(std, rel=0.02)
    within_one_std = (noise.abs() < std).float().mean().item()
    assert within_one_std == pytest.approx(0.6827, abs=0.01)  # uniform noise would have 0.577


def test_channels_and_images_get_noise_of_their_own() -> None:
    torch.manual_seed(0)
    noise = (GaussianNoise(0.1)(GRAY) - GRAY).flatten(2)
    correlation = torch.corrcoef(noise[:2].flatten(0, 1)) - torch.eye(6)
    assert correlation.abs().max() < 0.15


def test_values_beyond_the_range_are_clamped() -> None:
    torch.manual_seed(0)
    noisy = GaussianNoise(0.1)(torch.zeros(8, 1, 32, 32))
    assert noisy.min() == 0
    assert (noisy == 0).float().mean().item() == pytest.approx(0.5, abs=0.03)
