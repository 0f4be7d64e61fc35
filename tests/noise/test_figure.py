from typing import Any

import pytest
import torch

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise import mask, triples
from unlearnable_lightning.pixels import add


@pytest.mark.parametrize("channels", [1, 3])
def test_mask_is_black_mid_grey_and_white(channels: int) -> None:
    levels = torch.tensor([-8, -4, 0, 4, 8], dtype=torch.int8)
    noise = levels.view(5, 1, 1, 1).expand(5, channels, 6, 6)
    picture = mask(noise, 8 / 255)
    assert picture.shape == (5, channels, 6, 6)
    expected = torch.tensor([0, 0.25, 0.5, 0.75, 1]).view(5, 1, 1, 1).expand_as(picture)
    torch.testing.assert_close(picture, expected, rtol=0, atol=1e-6)


def test_no_noise_is_exactly_mid_grey() -> None:
    picture = mask(torch.zeros(2, 3, 4, 4, dtype=torch.int8), 8 / 255)
    assert picture.unique().tolist() == [0.5]


def test_noise_beyond_epsilon_stays_a_picture() -> None:
    picture = mask(torch.tensor([-128, 127], dtype=torch.int8).view(1, 1, 1, 2), 8 / 255)
    assert picture.flatten().tolist() == [0, 1]


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("count", [1, 4])
def test_triples_show_image_noise_and_poisoned_image_below_each_other(
    channels: int, count: int
) -> None:
    random = torch.Generator().manual_seed(0)
    shape, scale = (count, channels, 5, 5), 2
    images = torch.randint(0, 256, shape, generator=random).to(torch.uint8)
    noise = torch.randint(-8, 9, shape, generator=random).to(torch.int8)
    grid = triples(images, noise, 8 / 255, scale)
    cell, gap = 5 * scale, 2 * scale
    assert grid.shape == (3, gap + 3 * (cell + gap), gap + count * (cell + gap))
    rows = (images / 255, mask(noise, 8 / 255), add(images, noise) / 255)
    for i, row in enumerate(rows):
        for j, picture in enumerate(row):
            top, left = gap + i * (cell + gap), gap + j * (cell + gap)
            shown = grid[:, top : top + cell : scale, left : left + cell : scale]
            torch.testing.assert_close(shown, picture.expand(3, 5, 5))
    assert (grid[:, :gap] == 1).all()


LEVELS = torch.zeros(2, 3, 4, 4, dtype=torch.int8)
IMAGES = torch.zeros(2, 3, 4, 4, dtype=torch.uint8)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bool])
def test_noise_that_is_no_grey_levels_is_refused(dtype: torch.dtype) -> None:
    with pytest.raises(UnlearnableError, match=f"grey_levels are {dtype}.*quantize"):
        mask(LEVELS.to(dtype), 0.1)
    with pytest.raises(UnlearnableError, match=f"grey_levels are {dtype}.*quantize"):
        triples(IMAGES, LEVELS.to(dtype), 0.1)


@pytest.mark.parametrize("epsilon", [0, 8, -1, float("nan")])
def test_an_epsilon_out_of_range_is_refused(epsilon: float) -> None:
    with pytest.raises(UnlearnableError, match=r"epsilon=.* out of range"):
        mask(LEVELS, epsilon)


@pytest.mark.parametrize(
    ("images", "noise"),
    [
        (IMAGES / 255, LEVELS),
        (IMAGES.to(torch.int16), LEVELS),
        (IMAGES[:1], LEVELS),
        (IMAGES[:, :1], LEVELS),
        (IMAGES[0], LEVELS[0]),
    ],
)
def test_triples_of_other_images_are_refused(images: Any, noise: Any) -> None:
    with pytest.raises(UnlearnableError, match=r"both must be \[B, C, H, W\].*uint8"):
        triples(images, noise, 8 / 255)


@pytest.mark.parametrize("scale", [0, -1, 1.5])
def test_a_scale_below_life_size_is_refused(scale: int) -> None:
    with pytest.raises(UnlearnableError, match=f"scale={scale}"):
        triples(IMAGES, LEVELS, 8 / 255, scale)
