"""Noise is kept as float16 and published in 8 bits: what is too small for that is refused."""

import pytest
import torch

from unlearnable_lightning import ClassifierModule, NoiseGenLightningModule
from unlearnable_lightning.defences import AdversarialTraining
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.amounts import check_reach, check_step_size, noise_epsilon
from unlearnable_lightning.pixels import quantize

EPSILONS = pytest.mark.parametrize("levels", [1, 2, 4, 8, 16, 127])


@pytest.mark.parametrize("epsilon", ["1/255", 1 / 255, 0.003921568, "8/255", "127/255"])
def test_a_grey_level_is_enough(epsilon: float | str) -> None:
    assert quantize(torch.ones(1), noise_epsilon(epsilon)).item() >= 1


@pytest.mark.parametrize("epsilon", [0.0035, 0.0039, "1/256", 1e-9, "1/510"])
def test_noise_below_a_grey_level_is_refused(epsilon: float | str) -> None:
    with pytest.raises(UnlearnableError, match=r"whole grey levels of 1/255.*smallest.*is 1/255"):
        noise_epsilon(epsilon)


@pytest.mark.parametrize("epsilon", [0, -1, "128/255", 8, "eight", True])
def test_what_is_no_epsilon_is_none_of_noise(epsilon: float | str) -> None:
    with pytest.raises(UnlearnableError, match=f"epsilon='?{epsilon}"):
        noise_epsilon(epsilon)


@EPSILONS
@pytest.mark.parametrize("steps", [1, 20])
def test_a_step_is_refused_where_float16_rounds_it_away(levels: int, steps: int) -> None:
    epsilon = levels / 255
    start = torch.tensor(0.501 * epsilon).half()  # half of U(-epsilon, epsilon) is as coarse
    gap = torch.nextafter(start, torch.tensor(1.0).half()).float() - start.float()
    kept, lost = 0.6 * gap.item() / steps, 0.4 * gap.item() / steps
    assert (start.float() + steps * kept).half() > start
    check_step_size(kept, steps, epsilon)
    assert (start.float() + steps * lost).half() == start
    with pytest.raises(UnlearnableError, match=r"float16 rounds away.*step_size of at least"):
        check_step_size(lost, steps, epsilon)


@EPSILONS
def test_usual_steps_and_steps_beyond_epsilon_are_fine(levels: int) -> None:
    check_step_size(levels / 2550, 1, levels / 255)
    check_step_size(1.0, 1, levels / 255)


def test_from_zeros_half_a_grey_level_is_the_least() -> None:
    for steps, sweeps in ((1, 1), (20, 1), (1, 50), (20, 50)):
        least = 0.5 / 255 / steps / sweeps
        check_reach(1.01 * least, steps, sweeps)
        with pytest.raises(UnlearnableError, match=r"half a grey level.*init=uniform") as error:
            check_reach(0.99 * least, steps, sweeps)
        assert f"at least {least:.2g}" in str(error.value)


def test_a_step_that_is_a_share_of_epsilon_changes_with_it() -> None:
    for levels in (2, 8):
        amounts = {"epsilon": f"{levels}/255", "step_size": "epsilon/4"}
        made = [NoiseGenLightningModule(**amounts), ClassifierModule(**amounts)]
        assert [module.step_size for module in made] == [levels / 255 / 4] * 2


def test_a_defence_takes_a_share_of_epsilon_too() -> None:
    images, labels = torch.rand(4, 1, 3, 3), torch.arange(4)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(9, 4))
    found = []
    for step_size in ("epsilon/4", "2/255"):
        torch.manual_seed(0)  # of the random start
        defence = AdversarialTraining("pgd", epsilon="8/255", step_size=step_size, steps=3)
        found.append(defence.attack(model, images, labels))
    assert torch.equal(*found)
