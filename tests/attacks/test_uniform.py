"""One uniform draw as an attack."""

import pytest
import torch
from torch import nn

from unlearnable_lightning.attacks import uniform
from unlearnable_lightning.errors import UnlearnableError

IMAGES, LABELS = torch.full((4, 3, 16, 16), 0.5), torch.arange(4)


def test_it_fills_its_ball_evenly_and_looks_at_no_model() -> None:
    torch.manual_seed(0)
    delta = uniform(nn.Identity(), IMAGES, LABELS, epsilon="8/255")
    assert delta.abs().max() <= 8 / 255 + 1e-6
    assert delta.abs().max() > 7.9 / 255
    assert delta.mean().abs() < 0.5 / 255
    assert delta.std() == pytest.approx(8 / 255 / 3**0.5, rel=0.03)


@pytest.mark.parametrize("level", [0.0, 1.0])
def test_it_stays_in_the_picture_and_leaves_the_images_alone(level: float) -> None:
    images = torch.full_like(IMAGES, level)
    perturbed = images + uniform(nn.Identity(), images, LABELS, epsilon=0.1)
    assert perturbed.min() >= 0
    assert perturbed.max() <= 1
    assert images.eq(level).all()


def test_a_radius_of_zero_disturbs_nothing() -> None:
    assert not uniform(nn.Identity(), IMAGES, LABELS, epsilon=0).any()


def test_grey_levels_are_refused() -> None:
    with pytest.raises(UnlearnableError, match="images run from"):
        uniform(nn.Identity(), 255 * IMAGES, LABELS, epsilon="8/255")
    with pytest.raises(UnlearnableError, match="epsilon"):
        uniform(nn.Identity(), IMAGES, LABELS, epsilon=8)
