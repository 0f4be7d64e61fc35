"""AUE: error-minimizing noise below its views."""

from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor
from torch.nn.functional import cross_entropy

from unlearnable_lightning import NoiseGenLightningModule
from unlearnable_lightning.noise import AUE

IMAGES = torch.rand(8, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 0.8 + 0.1
LABELS = torch.arange(8) % 4
MIRROR = {"class_path": "RandomCropFlip", "init_args": {"padding": 0, "p_flip": 1.0}}


def module(method: Any = AUE, **arguments: Any) -> Any:
    L.seed_everything(0)
    return method(**{"model": "cnn_small", "image_size": 16} | arguments)


@pytest.mark.parametrize("strength", [None, 0.0])
def test_without_views_it_is_error_minimizing_noise_step_for_step(
    strength: float | None, trainer: Any, shapes: Any
) -> None:
    same = {"steps": 2, "init": "zeros", "stop_error": None, "model_steps": None}
    same |= {"weight_decay": 1e-4}
    views = [{"class_path": "ContrastiveViews", "init_args": {"strength": strength}}]
    ours = module(**same, cosine=False, views=None if strength is None else views)
    trainer("aue").fit(ours, shapes())
    theirs = module(NoiseGenLightningModule, **same)
    trainer("em").fit(theirs, shapes())
    assert torch.equal(ours.noise().difference, theirs.noise().difference)


def test_the_gradient_comes_back_through_the_view() -> None:
    made = module(steps=1, views=[MIRROR])
    noise = made.noise_step(made.model, IMAGES, LABELS, torch.zeros_like(IMAGES))
    mirrored = IMAGES.flip(3).requires_grad_()
    loss = cross_entropy(made.model.eval()(mirrored), LABELS, reduction="sum")
    (gradient,) = torch.autograd.grad(loss, mirrored)
    expected = -0.8 / 255 * gradient.flip(3).sign()
    assert (noise - expected).abs().gt(1e-6).float().mean() < 0.002


@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_each_step_draws_a_view_of_its_own(kind: str) -> None:
    made, seen = module(kind=kind, steps=4, views=["RandomCropFlip"]), []
    made.views.register_forward_hook(lambda _, __, views: seen.append(views.detach()))
    made.noise_step(made.model, IMAGES, LABELS, torch.zeros_like(IMAGES))
    assert len(seen) == 4
    assert not torch.isclose(seen[0], seen[1], atol=0.1).all()


def test_the_surrogate_learns_views_of_images_with_their_noise() -> None:
    made, delta = module(views=[MIRROR]), torch.zeros_like(IMAGES)
    delta[..., 0] = 0.03  # left
    perturbed = made.perturbed(IMAGES, delta)
    torch.testing.assert_close(perturbed, (IMAGES + delta).flip(3))  # and so right
    assert made.perturbed(IMAGES, delta + 2).max() == 1


def test_classwise_noise_knows_no_box() -> None:
    """White in one image of a class need not be white in another."""
    white, brighter = torch.ones_like(IMAGES), []
    for kind in ("samplewise", "classwise"):
        made = module(kind=kind, steps=1)
        noise: Tensor = made.noise_step(made.model, white, LABELS, torch.zeros_like(white))
        brighter.append((noise > 0).float().mean().item())
    assert brighter[0] == 0
    assert brighter[1] > 0.2


@pytest.mark.parametrize("cosine", [True, False])
def test_the_learning_rate_falls_along_a_cosine(cosine: bool, trainer: Any, shapes: Any) -> None:
    rates: list[float] = []

    class Record(Callback):
        def on_train_batch_start(self, trainer: Any, *_: Any) -> None:
            rates.append(trainer.optimizers[0].param_groups[0]["lr"])

    trainer(callbacks=[Record()]).fit(module(steps=1, model_steps=2, cosine=cosine), shapes())
    half = 0.05 * (1 + 0.5**0.5)
    expected = [0.1, half, 0.05, 0.1 - half] if cosine else [0.1] * 4
    assert rates == pytest.approx(expected)
