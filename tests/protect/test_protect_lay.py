"""Noise laid on pictures of any size and shape: within the bound, in its place, and not lost."""

import pytest
import torch
import torch.nn.functional as F

from unlearnable_lightning.protect.lay import axis_matrix, strips


def laid(noise: torch.Tensor, height: int, width: int, limit: int = 8) -> torch.Tensor:
    return torch.cat([rows for _, rows in strips(noise, height, width, limit)], dim=1)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 300), (600, 40), (64, 64), (480, 641)])
def test_any_shape_is_covered_within_the_bound(height: int, width: int) -> None:
    noise = torch.randint(-8, 9, (3, 16, 16), generator=torch.Generator().manual_seed(0))
    found = laid(noise, height, width, limit=5)
    assert found.shape == (3, height, width)
    assert found.dtype == torch.int16
    assert int(found.abs().max()) <= 5
    assert found.any()


def test_the_square_in_the_middle_is_what_interpolation_gives() -> None:
    noise = torch.randint(-8, 9, (3, 16, 16), generator=torch.Generator().manual_seed(0))
    square = F.interpolate(noise[None].float(), (80, 80), mode="bicubic", antialias=True)
    expected = square[0].round().clamp(-8, 8)
    assert (laid(noise, 80, 130)[:, :, 25:105] - expected).abs().max() <= 1  # 1: rounded halves


def test_beyond_the_square_the_noise_goes_on_as_in_a_mirror() -> None:
    noise = torch.randint(-8, 9, (3, 16, 16), generator=torch.Generator().manual_seed(0))
    found = laid(noise, 40, 80)
    square = found[:, :, 20:60]
    assert torch.equal(found[:, :, :20], square[:, :, :20].flip(2))
    assert torch.equal(found[:, :, 60:], square[:, :, 20:].flip(2))


def test_strips_are_the_picture_in_pieces() -> None:
    noise = torch.randint(-8, 9, (3, 16, 16), generator=torch.Generator().manual_seed(0))
    starts = [start for start, _ in strips(noise, 700, 20, 8)]
    assert starts == [0, 256, 512]


@pytest.mark.parametrize("length", [5, 16, 100])
def test_constant_noise_stays_what_it_is(length: int) -> None:
    sums = axis_matrix(length, length, 16).sum(1)
    assert torch.allclose(sums, torch.ones(length), atol=1e-5)
