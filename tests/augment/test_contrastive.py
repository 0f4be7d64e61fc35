"""A_s: its parts against torchvision, its ranges, its gradient."""

import pytest
import torch
import torchvision.transforms.functional as tv
from torch import Tensor

from unlearnable_lightning.augment import ContrastiveViews
from unlearnable_lightning.augment.colour import jitter

CPU = torch.device("cpu")


def pictures(count: int = 6, channels: int = 3) -> Tensor:
    """Colours, gray, black and white."""
    images = torch.rand(count, channels, 12, 12, generator=torch.Generator().manual_seed(1))
    images[0] = images[0, :1]
    images[1, :, :4], images[1, :, 4:8] = 0, 1
    return images


def by_torchvision(image: Tensor, factors: Tensor) -> Tensor:
    brightness, contrast, saturation, hue = factors.tolist()
    image = tv.adjust_contrast(tv.adjust_brightness(image, brightness), contrast)
    return tv.adjust_hue(tv.adjust_saturation(image, saturation), hue)


@pytest.mark.parametrize("channels", [1, 3])
def test_colours_equal_torchvision_image_by_image(channels: int) -> None:
    images = pictures(channels=channels)
    factors = torch.rand(6, 4, generator=torch.Generator().manual_seed(2))
    factors[:, :3] = 0.2 + 1.6 * factors[:, :3]
    factors[:, 3] -= 0.5
    expected = torch.stack([by_torchvision(*pair) for pair in zip(images, factors, strict=True)])
    # torchvision rounds luma's weight of red, 0.299, to 0.2989
    torch.testing.assert_close(jitter(images, *factors.T), expected, rtol=0, atol=1e-4)


def test_factors_of_one_change_nothing() -> None:
    images, one = pictures(), torch.ones(6)
    assert torch.equal(jitter(images, one, one, one, 0 * one), images)


def test_gradients_of_gray_black_and_white_are_finite_and_right() -> None:
    images = pictures().double().clamp(0.05, 0.95).requires_grad_()
    factors = torch.tensor([[0.9], [1.05], [0.8], [0.07]], dtype=torch.double).expand(4, 6)
    (gradient,) = torch.autograd.grad(jitter(images, *factors).square().sum(), images)
    assert gradient.isfinite().all()
    coloured = images.detach()[2:3, :, :3, :3].requires_grad_()  # gray is a corner of hue
    assert torch.autograd.gradcheck(lambda each: jitter(each, *factors[:, :1]), (coloured,))


def test_strength_zero_is_the_identity() -> None:
    images = pictures()
    assert torch.equal(ContrastiveViews(strength=0)(images), images)


def test_a_small_strength_is_the_image_or_its_mirror() -> None:
    images = pictures()
    torch.manual_seed(0)
    views = ContrastiveViews(strength=1e-5)(images)
    off = [(views - each).abs().flatten(1).amax(1) for each in (images, images.flip(-1))]
    assert torch.minimum(*off).max() < 1e-3
    assert min(each.max() for each in off) > 0.1  # of six images some are mirrored, some not


@pytest.mark.parametrize(("strength", "least"), [(0.4, 0.64), (0.6, 0.46), (1.0, 0.1), (2.0, 0.05)])
def test_windows_have_the_area_and_aspect_of_the_paper(strength: float, least: float) -> None:
    torch.manual_seed(0)
    tall, wide = ContrastiveViews(strength).draw_window(20_000, CPU)
    area, aspect = tall * wide, wide / tall
    assert least - 1e-4 <= area.min() < least + 0.02
    assert 0.99 < area.max() <= 1
    assert area.mean().item() == pytest.approx((1 + least) / 2, abs=0.01)
    assert aspect.max() <= 4 / 3 + 1e-4
    assert aspect.min() >= 3 / 4 - 1e-4
    assert max(tall.max(), wide.max()) <= 1


@pytest.mark.parametrize("strength", [0.6, 1.0])
def test_colours_have_the_ranges_and_shares_of_the_paper(strength: float) -> None:
    torch.manual_seed(0)
    *factors, hue = ContrastiveViews(strength)._colours(20_000, CPU)
    for factor in factors:
        assert factor.min().item() == pytest.approx(1 - 0.4 * strength, abs=0.01)
        assert factor.max().item() == pytest.approx(1 + 0.4 * strength, abs=0.01)
        assert (factor != 1).float().mean().item() == pytest.approx(0.8 * strength, abs=0.02)
    assert hue.abs().max().item() == pytest.approx(0.1 * strength, abs=0.01)


def test_a_share_of_the_views_is_gray() -> None:
    torch.manual_seed(0)
    images = torch.tensor([0.9, 0.2, 0.4]).view(3, 1, 1).expand(2000, 3, 4, 4)
    views = ContrastiveViews(strength=1.0)(images)
    gray = (views.amax(1) - views.amin(1)).flatten(1).amax(1) < 1e-6
    assert gray.float().mean().item() == pytest.approx(0.2, abs=0.03)


def test_a_window_never_leaves_the_image() -> None:
    torch.manual_seed(0)
    cropped = ContrastiveViews(strength=1.0)._crop(torch.ones(500, 3, 9, 7))
    assert cropped.min() > 1 - 1e-5


def test_the_gradient_reaches_every_image() -> None:
    torch.manual_seed(0)
    images = (0.2 + 0.6 * torch.rand(64, 3, 16, 16)).requires_grad_()
    ContrastiveViews(strength=1.0)(images).sum().backward()
    assert images.grad is not None
    assert images.grad.isfinite().all()
    assert images.grad.flatten(1).any(dim=1).all()
