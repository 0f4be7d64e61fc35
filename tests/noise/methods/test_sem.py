"""SEM and REM: noise below the views, disturbed, begun anew at every visit."""

from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, pad

from unlearnable_lightning import NoiseGenLightningModule, UnlearnableError
from unlearnable_lightning.attacks.pgd import pgd_steps
from unlearnable_lightning.noise import AUE, REM, SEM
from unlearnable_lightning.noise.first_noise import first_noise
from unlearnable_lightning.pixels import quantize

IMAGES = torch.rand(8, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 0.8 + 0.1
LABELS = torch.arange(8) % 4
QUIET = {"samples": 1, "attack_steps": 0, "attack_epsilon": 0}
both = pytest.mark.parametrize("method", [SEM, REM])


def module(method: Any = SEM, **arguments: Any) -> Any:
    L.seed_everything(0)
    return method(**{"model": "cnn_small", "image_size": 16} | arguments)


@both
def test_one_quiet_view_without_an_attack_is_pgd_from_a_fresh_start(method: type[SEM]) -> None:
    made = module(method, **QUIET)
    torch.manual_seed(1)
    noise = made.noise_step(made.model, IMAGES, LABELS, torch.full_like(IMAGES, 0.02))
    torch.manual_seed(1)
    expected = pgd_steps(
        made.model.eval(),
        IMAGES,
        LABELS,
        epsilon=8 / 255,
        step_size=1.6 / 255,
        steps=10,
        start=first_noise("uniform", (8, 3, 16, 16), 8 / 255),
        minimize=True,
    )
    assert torch.equal((noise * 255).round(), quantize(expected, 8 / 255).float())


@both
def test_a_step_is_the_one_that_the_paper_writes(method: type[SEM]) -> None:
    """Crops, flips and attacks as recorded; the gradient at z + a put back pixel by pixel."""
    made = module(method, views=["RandomCropFlip"], samples=3, steps=1, attack_steps=2)
    view: Any = made.views[0]
    draw, inner, seen = view.draw, made.inner, []

    def record(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
        seen.append((images.clone(), inner(model, images, labels)))
        return seen[-1][1]

    draws: list[Any] = []
    view.draw = lambda *sizes: (draws.append(draw(*sizes)), draws[-1])[1]
    made.inner = record
    torch.manual_seed(1)
    noise = made.noise_step(made.model, IMAGES, LABELS, torch.zeros_like(IMAGES))
    torch.manual_seed(1)
    start = first_noise("uniform", (8, 3, 16, 16), 8 / 255)
    total = torch.zeros(8, 3, 24, 24)
    for (views, attack), (tops, lefts, flips) in zip(seen, draws, strict=True):
        assert attack.abs().max() <= 4 / 255 + 1e-6
        disturbed = (views + attack).requires_grad_()
        loss = cross_entropy(made.model.eval()(disturbed), LABELS, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, disturbed)
        padded = pad(IMAGES + start, (4,) * 4)
        for i, (top, left, flip) in enumerate(zip(tops, lefts, flips, strict=True)):
            here = slice(top, top + 16), slice(left, left + 16)
            window = padded[i][:, here[0], here[1]]
            torch.testing.assert_close(views[i], window.flip(2) if flip else window)
            total[i][:, here[0], here[1]] += gradient[i].flip(2) if flip else gradient[i]
    step = 1.6 / 255 * total[:, :, 4:20, 4:20].sign()
    expected = quantize((start - step).clamp(-8 / 255, 8 / 255), 8 / 255)
    assert len(seen) == 3
    assert (noise * 255).round().ne(expected).float().mean() < 0.002  # signs where it is nearly 0


def test_the_inner_attack_of_rem_climbs_and_that_of_sem_does_not() -> None:
    losses = []
    for method in (SEM, REM):
        made = module(method)
        attacked = IMAGES + made.inner(made.model.eval(), IMAGES, LABELS)
        losses.append(cross_entropy(made.model(attacked), LABELS).item())
    plain = cross_entropy(made.model(IMAGES), LABELS).item()
    assert losses[1] - plain > 5 * abs(losses[0] - plain)


def test_without_a_radius_the_two_are_one(trainer: Any, shapes: Any) -> None:
    releases = []
    for method in (SEM, REM):
        made = module(
            method,
            views=["RandomCropFlip"],
            attack_epsilon=0,
            steps=2,
            model_steps=2,
            samples=2,
            attack_steps=2,
        )
        trainer(f"run{len(releases)}", max_epochs=1).fit(made, shapes())
        releases.append(made.noise().difference)
    assert torch.equal(*releases)


@both
def test_every_image_has_noise_in_whole_grey_levels(
    method: type[SEM], trainer: Any, shapes: Any
) -> None:
    """100 images in batches of 32, of which two are trained on; noise begins at 0."""
    made = module(method, init="zeros", samples=1, attack_steps=1, steps=2, model_steps=1)
    trainer().fit(made, shapes())
    difference = made.noise().difference
    assert difference.flatten(1).any(1).all()
    assert difference.abs().max() <= 8
    levels = made.deltas.delta.float() * 255
    assert (levels - levels.round()).abs().max() < 0.005  # float16


def test_nothing_is_carried_over_between_visits() -> None:
    made = module(**QUIET)
    noises = []
    for before in (-0.03, 0.03):
        torch.manual_seed(1)
        noises.append(made.noise_step(made.model, IMAGES, LABELS, torch.full_like(IMAGES, before)))
    assert torch.equal(*noises)


def test_the_surrogate_trains_on_adversarial_views() -> None:
    made, delta = module(attack_steps=5), torch.zeros_like(IMAGES)
    norm: Any = made.model[2]
    attacked = made.model_loss(IMAGES, LABELS, delta).item()
    assert norm.num_batches_tracked == 1  # of the model step; the attack leaves them alone
    quiet = module(attack_steps=5, attack_epsilon=0).model_loss(IMAGES, LABELS, delta).item()
    assert attacked > quiet + 0.01
    assert made.perturbed(IMAGES, delta + 2).max() == 1


def test_the_learning_rate_falls_every_so_many_steps(trainer: Any, shapes: Any) -> None:
    rates: list[float] = []

    class Record(Callback):
        def on_train_batch_start(self, trainer: Any, *_: Any) -> None:
            rates.append(trainer.optimizers[0].param_groups[0]["lr"])

    made = module(**QUIET, steps=1, model_steps=3, lr_steps=2)
    trainer(callbacks=[Record()]).fit(made, shapes())
    assert rates == pytest.approx([0.1, 0.1, 0.01, 0.01, 0.001, 0.001])


def test_sizes_follow_epsilon() -> None:
    made = module(epsilon="4/255")
    assert made.step_size == pytest.approx(0.8 / 255)
    settings: Any = made.attack.function
    assert settings.keywords["epsilon"] == pytest.approx(2 / 255)
    assert settings.keywords["step_size"] == pytest.approx(0.4 / 255)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("inner", "pdg"),
        ("samples", 0),
        ("samples", 1.5),
        ("attack_epsilon", 4),
        ("attack_step_size", -0.1),
        ("attack_steps", -1),
        ("lr_steps", 0),
    ],
)
def test_bad_arguments_are_refused_by_name(argument: str, value: Any) -> None:
    with pytest.raises(UnlearnableError, match=rf"{argument}='?{value}"):
        module(**{argument: value})


def test_zeros_that_one_visit_does_not_move_are_refused() -> None:
    with pytest.raises(UnlearnableError, match="cannot reach half a grey level"):
        module(init="zeros", step_size="0.1/255", steps=2)


class Rounded(nn.Module):
    """A view whose gradient is 0 nearly everywhere."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mul(255).round() / 255


class Cut(nn.Module):
    """A view that leaves the graph."""

    def forward(self, images: Tensor) -> Tensor:
        return images.detach()


@pytest.mark.parametrize("view", ["Rounded", "Cut"])
def test_views_without_a_gradient_are_refused_where_noise_lies_below_them(
    view: str, trainer: Any, shapes: Any, generator: Any, tmp_path: Any
) -> None:
    for method in (SEM, REM, AUE):
        with pytest.raises(UnlearnableError, match=rf"model\.views is {view}.*no gradient"):
            trainer().fit(module(method, views=[f"{__name__}.{view}"]), shapes())
    assert not (tmp_path / "run" / "checkpoints").exists()
    em = generator(NoiseGenLightningModule, views=[f"{__name__}.{view}"])  # noise lies on them
    trainer("em", max_epochs=1).fit(em, shapes())
