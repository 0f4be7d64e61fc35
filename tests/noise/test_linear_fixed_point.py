"""Two classes, a linear model, gray images: where noise steps must end."""

from typing import Any

import pytest
import torch
from torch import nn

from unlearnable_lightning import NoiseGenLightningModule
from unlearnable_lightning.noise import AUE, REM, SEM

EPSILON = 8 / 255


@pytest.mark.parametrize("start", [-EPSILON, 0, EPSILON])
@pytest.mark.parametrize("method", [NoiseGenLightningModule, AUE, SEM, REM])
def test_noise_ends_at_the_corner_that_the_weights_point_to(method: Any, start: float) -> None:
    """epsilon · sign(w_y - w_other), after 2 epsilon / alpha steps from anywhere in the ball."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(3 * 16 * 16, 2, bias=False))
    weights = model[1].weight.view(2, 3, 16, 16)
    images, labels = torch.full((4, 3, 16, 16), 0.5), torch.tensor([0, 1, 1, 0])
    made = method(model="cnn_small", image_size=16, step_size=EPSILON / 10, steps=20)
    noise = made.noise_step(model, images, labels, torch.full_like(images, start))
    expected = EPSILON * (weights[labels] - weights[1 - labels]).sign()
    torch.testing.assert_close(noise, expected.detach(), rtol=0, atol=1e-6)
