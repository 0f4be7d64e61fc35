"""Noise of a given norm in grey levels."""

import torch

from unlearnable_lightning.noise.l2 import grey_levels, l2_for, scaled


def test_scaled_noise_has_the_norm_to_the_last_digits() -> None:
    noise = torch.randn(5, 3, 9, 7, dtype=torch.float64) * torch.logspace(-9, 9, 5).view(
        -1, 1, 1, 1
    )
    norms = scaled(noise, 1.3041).flatten(1).norm(dim=1)
    torch.testing.assert_close(norms, torch.full_like(norms, 1.3041), rtol=0, atol=1e-9)


def test_grey_levels_are_the_nearest_and_never_beyond_255() -> None:
    pixels = torch.tensor([2.9999, 2.4, -2.6, -0.4, 300, -9000], dtype=torch.float64) / 255
    assert grey_levels(pixels).tolist() == [3, 2, -3, 0, 255, -255]


def test_the_usual_norm_grows_with_the_image() -> None:
    assert round(l2_for((3, 32, 32), None, 6 / 255), 4) == 1.3041
    assert l2_for((3, 64, 64), None, 6 / 255) == 2 * l2_for((3, 32, 32), None, 6 / 255)
