"""The sampler against the closed forms of a Gaussian, and the schedule against its numbers."""

import math
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from unlearnable_lightning.defences import Purification
from unlearnable_lightning.defences.diffusion_schedule import kept_at, kept_variance, rate
from unlearnable_lightning.defences.gaussian_prior import GaussianPrior
from unlearnable_lightning.errors import UnlearnableError

PRIOR = "unlearnable_lightning.defences.gaussian_prior.GaussianPrior"
NARROW = {"class_path": PRIOR, "init_args": {"mean": 0.4, "std": 0.1}}
HERE = __name__


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


class GaussianNoiseModel(nn.Module):
    """The noise that a DDPM for the narrow prior would predict, at its own variance."""

    calls: list[int] = []  # noqa: RUF012  # of the test that clears it

    def forward(self, images: Tensor, steps: Tensor) -> Tensor:
        assert steps.dtype == torch.int64
        self.calls.append(int(steps[0]))
        times = (steps + 1) / 1000
        return -GaussianPrior(0.4, 0.1)(images, times) * math.sqrt(1 - kept_at(times[0].item()))


class Double(nn.Module):
    def forward(self, images: Tensor, steps: Tensor) -> Tensor:
        return torch.cat([images, images], 1)


class Endless(nn.Module):
    def forward(self, images: Tensor, steps: Tensor) -> Tensor:
        return images * torch.nan


def test_the_schedule_has_the_published_values() -> None:
    assert kept_variance(100) == pytest.approx(0.89702, abs=5e-6)
    assert kept_variance(60) == pytest.approx(0.95956, abs=5e-6)
    assert math.sqrt((1 - kept_variance(100)) / kept_variance(100)) / 2 == pytest.approx(
        0.169, abs=5e-4
    )
    assert (rate(0), rate(1)) == (pytest.approx(0.1), pytest.approx(20))
    assert kept_at(0.1) == pytest.approx(kept_variance(100), rel=2e-3)


def test_samples_of_the_prior_stay_samples_of_the_prior() -> None:
    images = 0.4 + 0.1 * torch.randn(1000, 1, 4, 4, generator=seeded())
    made = Purification(NARROW, 100, "score").purify(images, torch.Generator().manual_seed(1))
    assert made.mean().item() == pytest.approx(0.4, abs=0.003)
    assert made.std().item() == pytest.approx(0.1, rel=0.03)


def test_from_far_away_all_steps_lead_to_the_prior() -> None:
    made = Purification(NARROW, 1000, "score").purify(torch.ones(200, 1, 4, 4), seeded())
    assert made.mean().item() == pytest.approx(0.4, abs=0.005)
    assert made.std().item() == pytest.approx(0.1, rel=0.05)


def test_some_steps_lead_to_the_mean_of_the_posterior() -> None:
    """From one x: E = m + ā s² / (ā s² + 1 - ā) · (x - m), exact for a Gaussian."""
    kept, variance = kept_variance(100), (2 * 0.1) ** 2
    share = kept * variance / (kept * variance + 1 - kept)
    made = Purification(NARROW, 100, "score").purify(torch.full((500, 1, 4, 4), 0.7), seeded())
    assert made.mean().item() == pytest.approx(0.4 + share * 0.3, abs=0.005)


def test_few_steps_hardly_change_an_image() -> None:
    images = torch.randint(0, 256, (20, 3, 8, 8), dtype=torch.uint8, generator=seeded())
    made = Purification(PRIOR, 1, "score").on_dataset(images, torch.zeros(20).long())
    assert (made.int() - images.int()).abs().float().mean() < 2.5
    many = Purification(PRIOR, 100, "score").on_dataset(images, torch.zeros(20).long())
    assert (many.int() - images.int()).abs().float().mean() > 20


def test_a_network_of_noise_gives_what_its_score_gives_and_counts_steps_from_0() -> None:
    images = torch.rand(50, 1, 4, 4, generator=seeded())
    GaussianNoiseModel.calls.clear()
    noise = Purification(f"{HERE}.GaussianNoiseModel", 7).purify(images, seeded())
    score = Purification(NARROW, 7, "score").purify(images, seeded())
    torch.testing.assert_close(noise, score, atol=1e-5, rtol=0)
    assert GaussianNoiseModel.calls == [6, 5, 4, 3, 2, 1, 0]


def test_values_beyond_white_are_clamped_and_do_not_wrap_around() -> None:
    bright = {"class_path": PRIOR, "init_args": {"mean": 1.4, "std": 0.05}}
    images = torch.full((4, 3, 8, 8), 250, dtype=torch.uint8)
    made = Purification(bright, 300, "score").on_dataset(images, torch.zeros(4).long())
    assert made.dtype == torch.uint8
    assert (made == 255).all()


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ({"model": PRIOR, "t_star": 0}, "t_star=0"),
        ({"model": PRIOR, "t_star": 1001}, "t_star=1001"),
        ({"model": PRIOR, "batch_size": 0}, "batch_size=0"),
        ({"model": PRIOR, "predicts": "x0"}, "predicts='x0'"),
        ({"model": "no.such"}, "model='no.such' is not found"),
        ({"model": {"class_path": PRIOR, "init_args": {"std": 0.0}}}, "std is 0"),
    ],
)
def test_bad_arguments_are_refused(bad: dict[str, Any], said: str) -> None:
    with pytest.raises(UnlearnableError, match=said):
        Purification(**bad)


@pytest.mark.parametrize(("name", "said"), [("Double", r"\(2, 6, 8, 8\)"), ("Endless", "NaN")])
def test_what_a_network_may_not_give_is_refused(name: str, said: str) -> None:
    images = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    with pytest.raises(UnlearnableError, match=said):
        Purification(f"{HERE}.{name}", 3).on_dataset(images, torch.zeros(2).long())
