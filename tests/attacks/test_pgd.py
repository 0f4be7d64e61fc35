"""PGD and FGSM against torchattacks and naive loops, and that they leave no trace in the model."""

from collections.abc import Callable

import pytest
import torch
import torchattacks
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from unlearnable_lightning.attacks import fgsm, frozen, pgd
from unlearnable_lightning.attacks.pgd import pgd_steps

EPSILON = 8 / 255
STEP = 2 / 255


@pytest.fixture
def model() -> nn.Module:
    """A network whose train and eval modes differ, with sub-modules in either mode."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Flatten(),
        nn.Linear(8 * 5 * 5, 4),
    )
    nn.init.uniform_(net[1].running_mean, -0.5, 0.5)
    nn.init.uniform_(net[1].running_var, 0.1, 0.5)
    net[1].eval()
    net[0].bias.requires_grad_(False)
    return net


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    """Images with many pixels at 0 and at 1, and their labels."""
    torch.manual_seed(1)
    return (torch.rand(16, 3, 12, 12) * 1.4 - 0.2).clamp(0, 1), torch.randint(0, 4, (16,))


def state(model: nn.Module) -> dict[str, object]:
    """All that an attack must not change."""
    return {
        "modes": [module.training for module in model.modules()],
        "trainable": [parameter.requires_grad for parameter in model.parameters()],
        "gradients": [parameter.grad for parameter in model.parameters()],
        "values": {name: value.tolist() for name, value in model.state_dict().items()},
    }


def naive(
    model: nn.Module, images: Tensor, labels: Tensor, start: Tensor, steps: int, sign: int
) -> Tensor:
    """The textbook loop, on the perturbation instead of on the perturbed images."""
    delta = start.clone()
    for _ in range(steps):
        delta.requires_grad_()
        cross_entropy(model(images + delta), labels).backward()
        gradient = delta.grad
        assert gradient is not None
        delta = (delta.detach() + sign * STEP * gradient.sign()).clamp(-EPSILON, EPSILON)
        delta = (images + delta).clamp(0, 1) - images
    return delta


def random_start(images: Tensor) -> Tensor:
    """Within epsilon and the image range."""
    return (images + torch.empty_like(images).uniform_(-EPSILON, EPSILON)).clamp(0, 1) - images


def loss_per_image(model: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    with torch.no_grad(), frozen(model):
        return cross_entropy(model(images), labels, reduction="none")


@pytest.mark.parametrize("steps", [1, 7])
def test_pgd_equals_torchattacks(
    model: nn.Module, batch: tuple[Tensor, Tensor], steps: int
) -> None:
    model.eval()
    torch.manual_seed(2)
    theirs = torchattacks.PGD(model, eps=EPSILON, alpha=STEP, steps=steps)(*batch)
    torch.manual_seed(2)
    ours = batch[0] + pgd(model, *batch, epsilon=EPSILON, step_size=STEP, steps=steps)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


def test_fgsm_equals_torchattacks(model: nn.Module, batch: tuple[Tensor, Tensor]) -> None:
    model.eval()
    theirs = torchattacks.FGSM(model, eps=EPSILON)(*batch)
    ours = batch[0] + fgsm(model, *batch, epsilon=EPSILON)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


@pytest.mark.parametrize("minimize", [False, True])
def test_pgd_equals_the_naive_loop(
    model: nn.Module, batch: tuple[Tensor, Tensor], minimize: bool
) -> None:
    start = random_start(batch[0])
    expected = naive(model.eval(), *batch, start, steps=5, sign=-1 if minimize else 1)
    got = pgd(
        model,
        *batch,
        epsilon=EPSILON,
        step_size=STEP,
        steps=5,
        start=start,
        minimize=minimize,
    )
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-6)


def test_attack_is_crafted_in_eval_mode_whatever_the_mode(
    model: nn.Module, batch: tuple[Tensor, Tensor]
) -> None:
    start = random_start(batch[0])
    settings = {"epsilon": EPSILON, "step_size": STEP, "steps": 3, "start": start}
    in_train_mode = pgd(model.train(), *batch, **settings)
    assert torch.equal(in_train_mode, pgd(model.eval(), *batch, **settings))


@pytest.mark.parametrize("minimize", [False, True])
@pytest.mark.parametrize("start", ["zeros", "random", "far outside"])
def test_stays_within_epsilon_and_the_image_range(
    model: nn.Module, batch: tuple[Tensor, Tensor], minimize: bool, start: str
) -> None:
    images, labels = batch
    starts = {
        "zeros": torch.zeros_like(images),
        "random": None,
        "far outside": 5 * torch.randn_like(images),
    }
    delta = pgd(
        model,
        images,
        labels,
        epsilon=EPSILON,
        step_size=STEP,
        steps=6,
        start=starts[start],
        minimize=minimize,
    )
    assert delta.abs().max() <= EPSILON + 1e-6
    assert delta.abs().max() > EPSILON / 2
    assert (images + delta).min() >= -1e-6
    assert (images + delta).max() <= 1 + 1e-6


def test_loss_rises_when_maximising_and_falls_when_minimising(
    model: nn.Module, batch: tuple[Tensor, Tensor]
) -> None:
    images, labels = batch
    settings = {"epsilon": EPSILON, "step_size": STEP, "steps": 10}
    clean = loss_per_image(model, images, labels)
    up, down = (pgd(model, *batch, **settings, minimize=flag) for flag in (False, True))
    assert (loss_per_image(model, images + up, labels) > clean).all()
    assert (loss_per_image(model, images + down, labels) < clean).all()


def test_no_steps_give_back_the_projected_start(
    model: nn.Module, batch: tuple[Tensor, Tensor]
) -> None:
    start = random_start(batch[0])
    got = pgd(model, *batch, epsilon=EPSILON, step_size=STEP, steps=0, start=start)
    torch.testing.assert_close(got, start, rtol=0, atol=1e-6)


@pytest.mark.parametrize("minimize", [False, True])
def test_restarts_keep_the_best_try_of_each_image(
    model: nn.Module, batch: tuple[Tensor, Tensor], minimize: bool
) -> None:
    images, labels = batch
    settings = {"epsilon": EPSILON, "step_size": STEP, "steps": 1, "minimize": minimize}
    torch.manual_seed(3)
    tries = [pgd(model, *batch, **settings) for _ in range(4)]
    losses = torch.stack([loss_per_image(model, images + delta, labels) for delta in tries])
    winner = losses.argmin(0) if minimize else losses.argmax(0)
    assert len(winner.unique()) > 1
    torch.manual_seed(3)
    best = pgd(model, *batch, **settings, restarts=4)
    assert torch.equal(best, torch.stack(tries)[winner, torch.arange(16)])


def test_given_tensors_are_not_written_to(model: nn.Module, batch: tuple[Tensor, Tensor]) -> None:
    images, labels = batch
    start = random_start(images)
    before = [tensor.clone() for tensor in (images, labels, start)]
    pgd(model, images, labels, epsilon=EPSILON, step_size=STEP, steps=3, start=start, restarts=2)
    for tensor, copy in zip((images, labels, start), before, strict=True):
        assert torch.equal(tensor, copy)
        assert not tensor.requires_grad


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_works_where_autograd_is_off(
    model: nn.Module, batch: tuple[Tensor, Tensor], context: Callable[[], torch.no_grad]
) -> None:
    start = random_start(batch[0])
    settings = {"epsilon": EPSILON, "step_size": STEP, "steps": 3}
    expected = pgd(model, *batch, **settings, start=start)
    expected_fgsm = fgsm(model, *batch, epsilon=EPSILON)
    with context():
        images, labels, start = (tensor.clone() for tensor in (*batch, start))
        assert images.is_inference() == (context is torch.inference_mode)
        assert torch.equal(pgd(model, images, labels, **settings, start=start), expected)
        assert torch.equal(fgsm(model, images, labels, epsilon=EPSILON), expected_fgsm)


def test_images_with_a_graph_keep_it(model: nn.Module, batch: tuple[Tensor, Tensor]) -> None:
    images = batch[0].clone().requires_grad_()
    delta = pgd(model, images, batch[1], epsilon=EPSILON, step_size=STEP, steps=2)
    assert not delta.requires_grad
    assert images.requires_grad
    assert images.grad is None


@pytest.mark.parametrize("gradients", [False, True], ids=["no .grad yet", "with .grad"])
def test_model_is_left_as_it_was_found(
    model: nn.Module, batch: tuple[Tensor, Tensor], gradients: bool
) -> None:
    if gradients:
        cross_entropy(model(batch[0]), batch[1]).backward()
    before = state(model)
    assert {True, False} == set(before["modes"]) == set(before["trainable"])
    pgd(model, *batch, epsilon=EPSILON, step_size=STEP, steps=3, restarts=2)
    fgsm(model, *batch, epsilon=EPSILON)
    assert state(model) == before


@pytest.mark.parametrize("calls", [1, 3])
def test_model_that_raises_is_left_as_it_was_found(
    model: nn.Module, batch: tuple[Tensor, Tensor], calls: int
) -> None:
    left = [calls]

    def fail(*_: object) -> None:
        left[0] -= 1
        if not left[0]:
            raise ArithmeticError("as ordered")

    model[2].register_forward_hook(fail)
    before = state(model)
    with pytest.raises(ArithmeticError, match="as ordered"):
        pgd(model, *batch, epsilon=EPSILON, step_size=STEP, steps=5)
    assert state(model) == before


def test_frozen_is_eval_without_trainable_parameters_and_then_as_before(model: nn.Module) -> None:
    before = state(model)
    with frozen(model):
        assert not any(module.training for module in model.modules())
        assert not any(parameter.requires_grad for parameter in model.parameters())
    assert state(model) == before


def test_frozen_restores_after_an_error_inside(model: nn.Module) -> None:
    before = state(model)
    with pytest.raises(KeyError), frozen(model):
        raise KeyError
    assert state(model) == before


def test_half_precision_logits_give_a_useful_direction(batch: tuple[Tensor, Tensor]) -> None:
    """Logits of a model that is sure overflow or underflow in half precision; the loss is taken in
    float32."""
    images, labels = batch
    torch.manual_seed(4)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(3 * 12 * 12, 4)).to(torch.bfloat16)

    class Half(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return linear(x.to(torch.bfloat16))

    delta = pgd(Half(), images, labels, epsilon=EPSILON, step_size=STEP, steps=5)
    assert delta.dtype == torch.float32
    before, after = (
        cross_entropy(linear(x.to(torch.bfloat16)).float(), labels)
        for x in (images, images + delta)
    )
    assert after > before


@pytest.mark.parametrize("minimize", [True, False])
def test_steps_follow_the_losses_that_are_given_and_restarts_choose_by_them(
    model: nn.Module, batch: tuple[Tensor, Tensor], minimize: bool
) -> None:
    images, labels = batch

    def brightness(outputs: Tensor, labels: Tensor) -> Tensor:
        return outputs.flatten(1).sum(1)

    delta = pgd_steps(
        nn.Identity(),
        images,
        labels,
        epsilon=EPSILON,
        step_size=STEP,
        steps=200,
        restarts=2,
        minimize=minimize,
        losses=brightness,
    )
    corner = (images - EPSILON if minimize else images + EPSILON).clamp(0, 1)
    torch.testing.assert_close(images + delta, corner)
