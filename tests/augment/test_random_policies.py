"""TrivialAugment and RandAugment: each operation is torchvision's, each image has its own."""

import math
from collections.abc import Callable

import pytest
import torch
import torchvision.transforms.functional as F
from torch import Tensor

from unlearnable_lightning.augment import RandAugment, TrivialAugment
from unlearnable_lightning.augment import operations as op
from unlearnable_lightning.augment.policy import CIFAR, WIDE, augmented
from unlearnable_lightning.data.shapes_images import draw_shapes


def tilt(m: float) -> float:
    return math.degrees(math.atan(m))


Theirs = Callable[[Tensor, float], Tensor]
THEIRS: dict[Callable[[Tensor, Tensor], Tensor], tuple[Theirs, tuple[float, ...], int]] = {
    op.shear_x: (
        lambda x, m: F.affine(x, 0.0, [0, 0], 1.0, [tilt(m), 0.0], center=[0, 0]),
        (0.27, -0.61),
        0,
    ),
    op.shear_y: (
        lambda x, m: F.affine(x, 0.0, [0, 0], 1.0, [0.0, tilt(m)], center=[0, 0]),
        (0.27, -0.61),
        0,
    ),
    op.translate_x: (lambda x, m: F.affine(x, 0, [int(m), 0], 1, [0.0]), (7.9, -3.3), 0),
    op.translate_y: (lambda x, m: F.affine(x, 0, [0, int(m)], 1, [0.0]), (7.9, -3.3), 0),
    op.rotate: (F.rotate, (23.0, -117.0), 0),
    op.brightness: (lambda x, m: F.adjust_brightness(x, 1 + m), (0.5, -0.9), 1),
    op.color: (lambda x, m: F.adjust_saturation(x, 1 + m), (0.5, -0.9), 1),
    op.contrast: (lambda x, m: F.adjust_contrast(x, 1 + m), (0.5, -0.9), 1),
    op.sharpness: (lambda x, m: F.adjust_sharpness(x, 1 + m), (0.5, -0.9), 1),
    op.posterize: (lambda x, m: F.posterize(x, int(m)), (2.0, 5.0), 0),
    op.solarize: (lambda x, m: F.solarize(x, 255 * m), (0.2, 0.6), 0),
    op.autocontrast: (lambda x, m: F.autocontrast(x), (0.0, 0.0), 1),
    op.equalize: (lambda x, m: F.equalize(x), (0.0, 0.0), 0),
}


def pictures() -> Tensor:
    """Low contrast and many grey levels, uint8 [8, 3, 32, 32]."""
    images, _ = draw_shapes(8, seed=0)
    noise = torch.randint(0, 40, images.shape, generator=torch.Generator().manual_seed(0))
    return (images // 2 + noise).to(torch.uint8)


@pytest.mark.parametrize("ours", THEIRS, ids=lambda each: each.__name__)
def test_an_operation_is_torchvisions_with_an_amount_for_each_image(
    ours: Callable[[Tensor, Tensor], Tensor],
) -> None:
    theirs, amounts, levels = THEIRS[ours]
    images = pictures()
    each = torch.tensor(amounts * 4)
    made = (ours(images / 255, each) * 255).round()
    expected = torch.stack([theirs(x, m) for x, m in zip(images, amounts * 4, strict=True)])
    assert (made - expected).abs().max() <= levels
    assert not torch.equal(made, images.float())


def test_every_operation_of_the_policy_is_compared() -> None:
    assert {each.apply for each in CIFAR} == {op.identity, *THEIRS}
    assert [each.apply for each in WIDE] == [each.apply for each in CIFAR]


def test_the_strongest_amounts_are_those_of_the_papers() -> None:
    most, signs = torch.full((1,), 30.0), -torch.ones(1)
    names = [each.apply.__name__ for each in WIDE]
    wide = {n: w.amounts(most, signs).item() for n, w in zip(names, WIDE, strict=True)}
    near = {n: c.amounts(most, signs).item() for n, c in zip(names, CIFAR, strict=True)}
    assert (wide["shear_x"], wide["translate_y"], wide["rotate"]) == (
        pytest.approx(-0.99),
        -32,
        -135,
    )
    assert (near["shear_x"], near["translate_y"], near["rotate"]) == (pytest.approx(-0.3), -10, -30)
    assert (wide["posterize"], near["posterize"], wide["solarize"]) == (2, 4, 0)
    assert (wide["color"], near["color"]) == (pytest.approx(-0.99), pytest.approx(-0.9))


def test_an_image_gets_the_operation_that_was_drawn_for_it() -> None:
    images = pictures() / 255
    which = torch.tensor([0, 3, 0, 11, 12, 13, 0, 6])
    made = augmented(images, CIFAR, which, torch.full((8,), 30.0), torch.ones(8))
    for row in range(8):
        amounts = CIFAR[which[row]].amounts(torch.tensor([30.0]), torch.ones(1))
        alone = CIFAR[which[row]].apply(images[row : row + 1], amounts)
        assert torch.equal(made[row : row + 1], alone)


def test_few_images_of_a_batch_share_their_draw() -> None:
    torch.manual_seed(0)
    images = (pictures()[:1] / 255).repeat(200, 1, 1, 1)
    assert len(TrivialAugment()(images).flatten(1).unique(dim=0)) > 80
    assert len(RandAugment()(images).flatten(1).unique(dim=0)) > 80


def test_a_step_of_ten_pixels_empties_no_image_and_a_wide_one_may() -> None:
    torch.manual_seed(0)
    images = torch.full((3000, 1, 32, 32), 0.5)
    assert (TrivialAugment(wide=True)(images).flatten(1).amax(1) == 0).any()
    near = TrivialAugment()(images).flatten(1)
    shown = near.amax(1) > 0
    assert shown.float().mean() > 0.99  # solarize may still turn a plain image black
