"""PSNR and SSIM against their definitions, pixel by pixel."""

import math

import numpy as np
import pytest
import torch

from unlearnable_lightning.protect.measures import psnr, ssim


def images(height: int, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    gen = torch.Generator().manual_seed(0)
    clean = torch.randint(0, 200, (3, height, width), dtype=torch.uint8, generator=gen)
    change = torch.randint(0, 30, clean.shape, dtype=torch.uint8, generator=gen)
    return clean, clean + change


def test_psnr_is_its_definition_beyond_one_strip() -> None:
    clean, noisy = images(1100, 7)
    error = np.mean((clean.numpy().astype(float) - noisy.numpy()) ** 2)
    assert psnr(clean, noisy) == pytest.approx(10 * math.log10(255**2 / error), abs=1e-3)
    assert psnr(clean, clean) == math.inf


@pytest.mark.parametrize("size", [(24, 33), (8, 8), (3, 40), (1046, 9)])
def test_ssim_is_a_mean_over_windows(size: tuple[int, int]) -> None:
    clean, noisy = images(*size)
    weights = np.array([0.299, 0.587, 0.114]).reshape(3, 1, 1)
    x, y = ((image.numpy() * weights).sum(0) for image in (clean, noisy))
    high, wide = min(8, size[0]), min(8, size[1])
    found = []
    for i in range(0, size[0] - high + 1, 4):
        for j in range(0, size[1] - wide + 1, 4):
            a, b = x[i : i + high, j : j + wide], y[i : i + high, j : j + wide]
            covariance = ((a - a.mean()) * (b - b.mean())).mean()
            light = (2 * a.mean() * b.mean() + 6.5025) / (a.mean() ** 2 + b.mean() ** 2 + 6.5025)
            found.append(light * (2 * covariance + 58.5225) / (a.var() + b.var() + 58.5225))
    assert ssim(clean, noisy) == pytest.approx(np.mean(found), abs=2e-3)
    assert ssim(clean, clean) == pytest.approx(1, abs=1e-3)
