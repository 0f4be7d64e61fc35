"""Error-minimizing noise that lets images rest whose loss is small already."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise import GrayAug, NoiseDriver, NoiseGenLightningModule

METHODS = [NoiseGenLightningModule, GrayAug]


class Counted(nn.Module):
    """A linear model that counts the images that it is given."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.linear = nn.Linear(3 * 8 * 8, 10)
        self.seen = 0

    def forward(self, images: Tensor) -> Tensor:
        self.seen += len(images)
        logits: Tensor = self.linear(images.flatten(1))
        return logits


def module_of(method: type[NoiseDriver], skip_loss: float | None) -> NoiseDriver:
    return method(
        skip_loss=skip_loss, model="linear", image_size=8, step_size=2 / 255, steps=3, init="zeros"
    )


def some(method: type[NoiseDriver], count: int = 16) -> tuple[Tensor, Tensor, Tensor]:
    images = torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    channels = 1 if method is GrayAug else 3
    delta = torch.empty(count, channels, 8, 8).uniform_(-8 / 255, 8 / 255)
    return images, torch.arange(count) % 10, delta


@pytest.mark.parametrize("method", METHODS)
def test_an_image_rests_or_takes_the_steps_that_it_would_take_anyway(
    method: type[NoiseDriver],
) -> None:
    model = Counted()
    images, labels, delta = some(method)
    if method is GrayAug:  # its steps see the gray image, so that gray images tell its loss
        images = images.mean(1, keepdim=True).expand(-1, 3, -1, -1)
    with torch.no_grad():
        losses = cross_entropy(model((images + delta).clamp(0, 1)), labels, reduction="none")
    limit = float(losses.sort().values[7:9].mean())  # between two of them
    rest = losses <= limit
    before = delta.clone()
    every = module_of(method, None).noise_step(model, images, labels, delta)
    model.seen = 0
    some_of_them = module_of(method, limit).noise_step(model, images, labels, delta)
    assert 0 < rest.sum() < len(rest)
    assert torch.equal(some_of_them[rest], before[rest])
    assert torch.equal(some_of_them[~rest], every[~rest])
    assert not torch.equal(every[rest], before[rest])
    assert torch.equal(delta, before)
    assert model.seen == len(rest) + 3 * (~rest).sum()


def test_nothing_steps_where_all_losses_are_small() -> None:
    model = Counted()
    images, labels, delta = some(NoiseGenLightningModule)
    resting = module_of(NoiseGenLightningModule, 1e6)
    assert torch.equal(resting.noise_step(model, images, labels, delta), delta)
    assert model.seen == len(images)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("value", [0.0, -0.1, float("inf"), float("nan")])
def test_a_loss_that_skips_nothing_or_all_is_refused(
    method: type[NoiseDriver], value: float
) -> None:
    with pytest.raises(UnlearnableError, match=r"skip_loss=\S+: a cross-entropy above 0"):
        module_of(method, value)
