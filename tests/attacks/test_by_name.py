"""An attack from its name: the same as the function, settings refused before the first batch."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from unlearnable_lightning.attacks import fgsm, pgd
from unlearnable_lightning.attacks.by_name import build_attack, short_name
from unlearnable_lightning.errors import UnlearnableError

IMAGES, LABELS = torch.rand(4, 1, 3, 3), torch.arange(4) % 3
SETTINGS = {"epsilon": 0.1, "step_size": 0.05, "steps": 2, "restarts": 1}
HERE = __name__


def model() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(9, 3))


def darker(model: nn.Module, images: Tensor, labels: Tensor, epsilon: float) -> Tensor:
    return -images.clamp(max=epsilon)


def adversarial_images(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    return (images + 0.05).clamp(max=1)


def nothing(model: nn.Module, images: Tensor, labels: Tensor) -> None:
    return None


class Brighter:
    def __init__(self, epsilon: float, factor: float = 1.0) -> None:
        self.amount = epsilon * factor

    def __call__(self, model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        return (1 - images).clamp(max=self.amount)


@pytest.mark.parametrize("name", ["pgd", "unlearnable_lightning.attacks.pgd"])
def test_a_name_is_the_function_with_what_it_takes_of_the_settings(name: str) -> None:
    torch.manual_seed(3)
    expected = pgd(model(), IMAGES, LABELS, **SETTINGS)
    network, attack = model(), build_attack(name, "attack", **SETTINGS)
    torch.manual_seed(3)
    again = pgd(network, IMAGES, LABELS, **SETTINGS)
    torch.manual_seed(3)
    assert torch.equal(attack(network, IMAGES, LABELS), again)
    assert expected.shape == again.shape
    step = build_attack("fgsm", "attack", **SETTINGS)(network, IMAGES, LABELS)
    assert torch.equal(step, fgsm(network, IMAGES, LABELS, epsilon=0.1))


def test_init_args_go_before_the_settings() -> None:
    spec = {"class_path": "fgsm", "init_args": {"epsilon": "1/255"}}
    delta = build_attack(spec, "attack", **SETTINGS)(model(), IMAGES, LABELS)
    assert 0 < delta.abs().max() <= 1 / 255 + 1e-6


def test_functions_and_classes_of_the_users_are_called() -> None:
    dark = build_attack(f"{HERE}.darker", "attack", **SETTINGS)(model(), IMAGES, LABELS)
    assert torch.equal(dark, -IMAGES.clamp(max=0.1))
    spec = {"class_path": f"{HERE}.Brighter", "init_args": {"factor": 2}}
    bright = build_attack(spec, "attack", **SETTINGS)(model(), IMAGES, LABELS)
    assert torch.equal(bright, (1 - IMAGES).clamp(max=0.2))
    assert short_name(spec) == "Brighter"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("cw", r"attack='cw' is not found.*Give one of fgsm, pgd, uniform, or the import path"),
        ("frozen", "attack='frozen' is not found"),
        ("FrozenModel", "attack='FrozenModel' is not found"),
        ("mine.pgd", "attack='mine.pgd' is not found"),
        (3, "3 names nothing to build"),
        ({"class_path": "pgd", "args": {}}, "names nothing to build"),
        ({"class_path": "pgd", "init_args": {"stepz": 1}}, "stepz.*Change its init_args"),
        ({"class_path": "pgd", "init_args": {"steps": 2.5}}, r"steps=2\.5"),
        ({"class_path": "pgd", "init_args": {"epsilon": 8}}, r"epsilon=8 is out of range.*8/255"),
        ({"class_path": "fgsm", "init_args": {"epsilon": "eight"}}, "is not a number"),
        ({"class_path": f"{HERE}.Brighter", "init_args": {"factor": "x"}}, "refuses.*init_args"),
    ],
)
def test_what_is_wrong_is_said_when_the_attack_is_built(spec: Any, message: str) -> None:
    with pytest.raises(UnlearnableError, match=message):
        build_attack(spec, "attack", **SETTINGS)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("adversarial_images", "pixels from .* subtract the images from them"),
        ("nothing", "gives a NoneType"),
    ],
)
def test_what_gives_no_perturbations_is_refused_in_the_first_batch(name: str, message: str) -> None:
    attack = build_attack(f"{HERE}.{name}", "attack")
    with pytest.raises(UnlearnableError, match=message):
        attack(model(), IMAGES.clamp(min=0.6), LABELS)


@pytest.mark.parametrize("attack", [fgsm, pgd])
def test_shares_that_are_one_class_attack_as_its_number_does(attack: Any) -> None:
    settings = SETTINGS if attack is pgd else {"epsilon": 0.1}
    results = []
    for labels in (LABELS, torch.eye(3)[LABELS]):
        torch.manual_seed(0)
        results.append(attack(model(), IMAGES, labels, **settings))
    torch.testing.assert_close(*results)


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        (torch.rand(4, 3) + 1, "whose sum is 1"),
        (torch.eye(3)[:2], "a row for each of the 4 images"),
        (torch.tensor([[2.0, -1, 0]] * 4), "without negative numbers"),
        (torch.full((4, 5), 0.2), r"must be logits \[4, K\] with K = 5"),
    ],
)
def test_labels_that_are_no_shares_are_refused(shares: Tensor, message: str) -> None:
    with pytest.raises(UnlearnableError, match=message):
        fgsm(model(), IMAGES, shares, epsilon=0.1)


def test_checked_inputs_are_not_looked_at() -> None:
    outside = IMAGES * 4 - 2
    with pytest.raises(UnlearnableError, match="images run from"):
        fgsm(model(), outside, LABELS, epsilon=0.1)
    assert fgsm(model(), outside, LABELS, epsilon=0.1, checked=True).shape == IMAGES.shape
    with pytest.raises(UnlearnableError, match="epsilon=8"):  # settings always are
        fgsm(model(), IMAGES, LABELS, epsilon=8, checked=True)
