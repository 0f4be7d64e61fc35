"""Two classes, a linear model, gray images: where noise steps must end."""

from typing import Any

import pytest
import torch
from torch import nn

from unlearnable_lightning import NoiseGenLightningModule
from unlearnable_lightning.noise import AUE, REM, SEM, SEP, TAP

EPSILON = 8 / 255


def gray(seed: int = 0) -> tuple[nn.Module, torch.Tensor, torch.Tensor, torch.Tensor]:
    """A linear model, four gray images, their labels, and the corner that their class is in."""
    torch.manual_seed(seed)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 2, bias=False))
    weights = model[1].weight.detach().view(2, 3, 16, 16)
    images, labels = torch.full((4, 3, 16, 16), 0.5), torch.tensor([0, 1, 1, 0])
    return model, images, labels, EPSILON * (weights[labels] - weights[1 - labels]).sign()


@pytest.mark.parametrize("start", [-EPSILON, 0, EPSILON])
@pytest.mark.parametrize("method", [NoiseGenLightningModule, AUE, SEM, REM])
def test_noise_ends_at_the_corner_that_the_weights_point_to(method: Any, start: float) -> None:
    """epsilon · sign(w_y - w_other), after 2 epsilon / alpha steps from anywhere in the ball."""
    model, images, labels, expected = gray()
    made = method(model="cnn_small", image_size=16, step_size=EPSILON / 10, steps=20)
    noise = made.noise_step(model, images, labels, torch.full_like(images, start))
    torch.testing.assert_close(noise, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("start", [-EPSILON, 0, EPSILON])
@pytest.mark.parametrize(
    ("method", "arguments"),
    [(TAP, {}), (SEP, {"members": 1}), (SEP, {"members": 1, "inner_steps": 2})],
)
def test_targeted_noise_ends_at_the_corner_of_the_other_class(
    method: Any, arguments: dict[str, Any], start: float
) -> None:
    """The same with the sign turned: a shift of 1 of two classes."""
    model, images, labels, own = gray()
    sizes = {"image_size": 16, "step_size": EPSILON / 10, "steps": 20, "num_classes": 2}
    made = method(model="cnn_small", shift=1, **sizes, **arguments)
    noise = made.noise_step(model, images, labels, torch.full_like(images, start))
    torch.testing.assert_close(noise, -own, rtol=0, atol=1e-6)
