"""Filters against closed forms and PIL, and the impulse test that a blur of sigma 0.1 fails."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

from unlearnable_lightning.augment import (
    COIN,
    BitDepth,
    Cutout,
    EclipseLight,
    GaussianBlur,
    Grayscale,
    MeanBlur,
    RandomSharpening,
)
from unlearnable_lightning.augment.coin import displaced
from unlearnable_lightning.augment.random_sharpening import low_frequencies
from unlearnable_lightning.errors import UnlearnableError


def impulse(side: int = 9) -> Tensor:
    image = torch.zeros(1, 1, side, side)
    image[0, 0, side // 2, side // 2] = 1
    return image


def photos(count: int = 16) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)


def floats(images: np.ndarray) -> Tensor:
    return torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255


@pytest.mark.parametrize(
    "module", [GaussianBlur(0.3), GaussianBlur(0.5), GaussianBlur(1.0), MeanBlur()], ids=str
)
def test_a_blur_spreads_a_single_pixel(module: nn.Module) -> None:
    blurred = module(impulse())
    assert (blurred > 0).sum() > 1
    assert blurred.max() < 1


@pytest.mark.parametrize(("sigma", "middle"), [(0.5, 0.787), (1.0, 0.452)])
def test_the_weights_of_the_gaussian_are_those_of_its_formula(sigma: float, middle: float) -> None:
    weights = GaussianBlur(sigma).weights
    assert weights[1].item() == pytest.approx(middle, abs=5e-4)
    assert weights.sum().item() == pytest.approx(1)
    assert (weights[0] / weights[1]).item() == pytest.approx(np.exp(-0.5 / sigma**2))


def test_the_impulse_response_of_the_mean_is_a_ninth_everywhere() -> None:
    expected = torch.zeros(9, 9)
    expected[3:6, 3:6] = round(255 / 9) / 255
    torch.testing.assert_close(MeanBlur(3)(impulse())[0, 0], expected)


@pytest.mark.parametrize("bits", [1, 2, 5, 7])
def test_bit_depth_equals_pils_posterize(bits: int) -> None:
    images = photos()
    pil = np.stack([ImageOps.posterize(Image.fromarray(image), bits) for image in images])
    ours = BitDepth(bits)(floats(images))
    assert torch.equal((ours * 255).round(), (floats(pil) * 255).round())
    assert len(ours.unique()) <= 2**bits
    assert torch.equal(BitDepth(bits)(ours), ours)


def test_gray_is_that_of_pil_to_half_a_grey_level() -> None:
    images = photos()
    pil = np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in images])
    ours = 255 * Grayscale()(floats(images))[:, 0]
    assert (ours - torch.from_numpy(pil)).abs().max() < 0.51


def test_a_square_of_cutout_covers_64_to_256_pixels_and_any_pixel_may_be_its_centre() -> None:
    torch.manual_seed(0)
    black = Cutout(16)(torch.ones(4000, 3, 32, 32)) == 0
    assert torch.equal(black[:, 0], black[:, 2])
    areas = black[:, 0].sum((1, 2))
    assert (areas.min(), areas.max()) == (64, 256)
    # a corner is black if the centre is among its 8 (or 9) nearest rows and columns
    share = black[:, 0].float().mean(0)
    assert share[0, 0].item() == pytest.approx((9 / 32) ** 2, abs=0.015)
    assert share[31, 31].item() == pytest.approx((8 / 32) ** 2, abs=0.015)
    assert share[16, 16].item() == pytest.approx((16 / 32) ** 2, abs=0.03)


def test_a_cutout_that_leaves_nothing_is_refused() -> None:
    with pytest.raises(UnlearnableError, match="size=16 for images of 16×16"):
        Cutout(16)(torch.rand(2, 3, 16, 16))


def test_no_displacement_gives_the_images_and_whole_ones_roll_them() -> None:
    images = floats(photos(4))
    still, two = torch.zeros(4, 32, 32), torch.full((4, 32, 32), 2.0)
    assert torch.equal(displaced(images, still, still), images)
    torch.testing.assert_close(displaced(images, two, -two), images.roll((-2, 2), (2, 3)))
    half = displaced(images, still, still + 0.5)
    torch.testing.assert_close(half, (images + images.roll(-1, 3)) / 2)


def test_coin_spreads_an_impulse_and_keeps_constants_and_brightness() -> None:
    torch.manual_seed(0)
    assert (COIN(2.0)(impulse().repeat(8, 1, 1, 1)) > 0).sum() > 16
    plain = torch.full((4, 3, 32, 32), 77 / 255)
    torch.testing.assert_close(COIN(2.0)(plain), plain)
    images = floats(photos(64))
    assert COIN(2.0)(images).mean().item() == pytest.approx(images.mean().item(), rel=0.01)


def test_the_fixed_kernel_sharpens_an_impulse_and_keeps_constants() -> None:
    fixed = RandomSharpening(std=0, keep=1)
    plain = torch.full((2, 3, 8, 8), 77 / 255)
    inner = fixed(plain)[..., 1:-1, 1:-1]
    torch.testing.assert_close(inner, plain[..., 1:-1, 1:-1])
    dot = fixed(0.2 * impulse() + 0.4)[0, 0] * 255
    assert dot[4, 4] == round(255 * (0.4 + 0.2 * 2.5))
    assert dot[3, 4] == dot[4, 5] == round(255 * (0.4 - 0.2 * 0.375))
    assert dot[3, 3] == round(255 * 0.4)


def test_the_border_without_a_window_is_black() -> None:
    sharp = RandomSharpening()(torch.ones(4, 3, 32, 32))
    assert sharp[..., 0].max() == sharp[..., -1, :].max() == 0
    assert sharp[..., 1:-1, 1:-1].min() > 0


def test_the_frequency_filter_is_a_projection_onto_the_lowest_cosines() -> None:
    images = floats(photos(4))[..., :30, :30]
    torch.testing.assert_close(low_frequencies(images, 1.0), images, atol=1e-5, rtol=0)
    low = low_frequencies(images, 0.3)
    torch.testing.assert_close(low_frequencies(low, 0.3), low, atol=1e-5, rtol=0)
    places = torch.arange(30)
    for number, kept in ((8, True), (9, False)):
        wave = torch.cos((2 * places + 1) * number * torch.pi / 60).expand(1, 1, 30, 30)
        passed = low_frequencies(wave, 0.3)
        torch.testing.assert_close(passed, wave if kept else 0 * wave, atol=1e-5, rtol=0)


def test_eclipses_light_augmentation_makes_two_of_five_images_gray_under_noise() -> None:
    torch.manual_seed(0)
    red = torch.tensor([0.8, 0.4, 0.4])[None, :, None, None].expand(500, 3, 8, 8)
    made = EclipseLight()(red)
    channels = made.mean((2, 3))
    gray = (channels[:, 0] - channels[:, 1]).abs() < 0.1
    assert gray.float().mean().item() == pytest.approx(0.4, abs=0.07)
    assert made[:, 1].std().item() == pytest.approx(0.05, abs=0.05)
    assert made[~gray, 1].std().item() == pytest.approx(0.05, abs=0.003)
