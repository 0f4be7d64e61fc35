"""What `pgd` and `fgsm` refuse, by value, rule and fix."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from unlearnable_lightning.attacks import fgsm, pgd
from unlearnable_lightning.errors import UnlearnableError

IMAGES, LABELS = torch.rand(4, 1, 3, 3), torch.arange(4) % 3
PGD = {"epsilon": 0.1, "step_size": 0.05, "steps": 2}


def linear() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(9, 3))


@pytest.mark.parametrize("attack", [fgsm, pgd])
@pytest.mark.parametrize(
    ("images", "message"),
    [
        (IMAGES * 255, "images run from .* must lie in .* Divide grey levels by 255"),
        (IMAGES * 4 - 2, r"images run from -.*models\.Normalize"),
        (IMAGES + 0.2, r"images run from .* to 1\."),
        (IMAGES * torch.nan, "images run from nan"),
        ((IMAGES * 255).to(torch.uint8), r"images are torch.uint8.* images\.float\(\) / 255"),
        (IMAGES.bfloat16(), r"images are torch.bfloat16.* images\.float\(\);"),
        (IMAGES[0], r"images are \(1, 3, 3\); they must be a tensor \[B, C, H, W\]"),
        (IMAGES.numpy(), "images are ndarray"),
    ],
)
def test_images_are_floats_in_0_to_1(attack: Any, images: Any, message: str) -> None:
    settings = PGD if attack is pgd else {"epsilon": 0.1}
    with pytest.raises(UnlearnableError, match=message):
        attack(linear(), images, LABELS, **settings)


@pytest.mark.parametrize("attack", [fgsm, pgd])
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (LABELS.to(torch.uint8), r"labels are torch.uint8.*labels\.long\(\)"),
        (LABELS.int(), "labels are torch.int32"),
        (nn.functional.one_hot(LABELS), r"of shape \(4, 3\)"),
        (LABELS[:3], r"of shape \(3,\); .* each of the 4 images"),
        (LABELS - 1, "labels begin at -1"),
        (LABELS + 1, r"shape \(4, 3\) for 4 images with labels up to 3"),
        ([0, 1, 2, 0], "labels are list"),
    ],
)
def test_labels_are_class_numbers(attack: Any, labels: Any, message: str) -> None:
    settings = PGD if attack is pgd else {"epsilon": 0.1}
    with pytest.raises(UnlearnableError, match=message):
        attack(linear(), IMAGES, labels, **settings)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"epsilon": 8}, r"epsilon=8 is out of range.*8/255"),
        ({"epsilon": -0.1}, "epsilon=-0.1"),
        ({"step_size": 2}, "step_size=2"),
        ({"step_size": "epsilon/0"}, "step_size='epsilon/0' is no share of epsilon"),
        ({"steps": -1}, "steps=-1: give a whole number, at least 0"),
        ({"steps": 2.5}, r"steps=2\.5"),
        ({"restarts": 0}, "restarts=0: give a whole number, at least 1"),
        ({"start": torch.zeros(1, 3, 3)}, r"start is torch.float32 of shape \(1, 3, 3\)"),
        ({"start": torch.zeros_like(IMAGES).double()}, "start is torch.float64"),
        ({"start": torch.full_like(IMAGES, torch.inf)}, "start has infinite or NaN values"),
    ],
)
def test_other_arguments_are_refused_by_name(argument: dict[str, Any], message: str) -> None:
    with pytest.raises(UnlearnableError, match=message):
        pgd(linear(), IMAGES, LABELS, **PGD | argument)


class Aux(nn.Module):
    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        return images, images


def test_a_model_without_logits_is_refused() -> None:
    with pytest.raises(UnlearnableError, match="the model gives tuple"):
        fgsm(Aux(), IMAGES, LABELS, epsilon=0.1)
    with pytest.raises(UnlearnableError, match=r"outputs of shape \(4, 1, 3, 3\)"):
        fgsm(nn.Identity(), IMAGES, LABELS, epsilon=0.1)


def test_what_is_written_otherwise_but_right_is_taken() -> None:
    expected = pgd(linear(), IMAGES, LABELS, **PGD, start=torch.zeros_like(IMAGES))
    again = {"epsilon": "1/10", "step_size": "1/20", "steps": np.int64(2)}
    got = pgd(linear(), IMAGES, LABELS, **again, start=torch.zeros_like(IMAGES))
    torch.testing.assert_close(got, expected)
    share = {**PGD, "step_size": "epsilon/2"}
    got = pgd(linear(), IMAGES, LABELS, **share, start=torch.zeros_like(IMAGES))
    assert torch.equal(got, expected)
    none = {**share, "epsilon": 0}
    assert not pgd(linear(), IMAGES, LABELS, **none, start=torch.zeros_like(IMAGES)).any()
    assert not fgsm(linear(), IMAGES, LABELS, epsilon=0).any()
    assert fgsm(linear(), IMAGES[:0], LABELS[:0], epsilon=0.1).shape == (0, 1, 3, 3)
    rounded = IMAGES.round() * (1 + 1e-6)  # as images + delta of another attack may be
    assert fgsm(linear(), rounded, LABELS, epsilon=0.1).abs().max() <= 0.1 + 1e-6


def test_a_scripted_model_can_be_attacked() -> None:
    scripted = torch.jit.trace(linear(), IMAGES)
    expected = fgsm(linear(), IMAGES, LABELS, epsilon=0.1)
    assert torch.equal(fgsm(scripted, IMAGES, LABELS, epsilon=0.1), expected)
