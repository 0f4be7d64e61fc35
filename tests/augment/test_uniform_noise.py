"""Uniform noise has the ends and the mean of its distribution."""

import pytest
import torch

from unlearnable_lightning.augment import UniformNoise

GRAY = torch.full((64, 3, 32, 32), 0.5)


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.2), (-0.1, 0.3), (0.1, 0.15)])
def test_the_noise_is_uniform_between_its_ends(low: float, high: float) -> None:
    torch.manual_seed(0)
    noise = UniformNoise(low, high)(GRAY) - GRAY
    width = high - low
    assert noise.min().item() == pytest.approx(low, abs=0.001)
    assert noise.max().item() == pytest.approx(high, abs=0.001)
    quarters = torch.histc(noise, 4, low, high) / noise.numel()
    torch.testing.assert_close(quarters, torch.full((4,), 0.25), atol=0.01, rtol=0)
    assert noise.mean().item() == pytest.approx(low + width / 2, abs=0.01 * width)


def test_the_thesis_noise_brightens_the_image() -> None:
    torch.manual_seed(0)
    assert (UniformNoise(0, 0.2)(GRAY) - GRAY).mean().item() == pytest.approx(0.1, abs=0.002)


def test_values_beyond_the_range_are_clamped() -> None:
    noisy = UniformNoise(-0.5, 0.5)(torch.ones(8, 1, 32, 32))
    assert noisy.max() == 1
    assert noisy.min() >= 0.5
