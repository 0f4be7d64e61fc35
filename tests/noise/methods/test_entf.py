"""EntF: where noise must end, on a linear model and on a trained one."""

from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
import yaml
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from unlearnable_lightning import UnlearnableError, poison
from unlearnable_lightning.attacks.features import Features
from unlearnable_lightning.noise import EntF
from unlearnable_lightning.noise.class_means import class_distances
from unlearnable_lightning.noise.methods.entf import to_nearest_other

CONFIGS = Path(__file__).parents[3] / "configs" / "noise"
EPSILON = 8 / 255


def module(**arguments: Any) -> EntF:
    L.seed_everything(0)
    small = {"model": "linear_pil", "image_size": 16, "reference_steps": 2}
    return EntF(**small | arguments)


def straight(seed: int = 0) -> tuple[nn.Module, Tensor]:
    """A model of one feature, which is linear in the pixels, and its weights [3, 4, 4]."""
    weights = torch.randn(3, 4, 4, generator=torch.Generator().manual_seed(seed))
    layers = nn.Flatten(), nn.Linear(48, 1, bias=False), nn.Linear(1, 2, bias=False)
    layers[1].weight.data = weights.view(1, 48)  # type: ignore[assignment]
    return nn.Sequential(*layers), weights


@pytest.mark.parametrize("goal", ["push", "pull"])
def test_a_linear_feature_has_a_fixed_point(goal: str) -> None:
    """The means of two classes lie far on both sides: away from the one is towards the other, and
    20 steps of a tenth end at that bound, even from the other one."""
    model, weights = straight()
    images, labels = torch.full((4, 3, 4, 4), 0.5), torch.tensor([0, 1, 1, 0])
    made = module(goal=goal, num_classes=2, image_size=4, step_size=EPSILON / 10, steps=20)
    made.means = torch.tensor([[-100.0], [100.0]])
    expected = EPSILON * (1 - 2 * labels).view(-1, 1, 1, 1) * weights.sign()
    delta = made.noise_step(model, images, labels, -expected)
    torch.testing.assert_close(delta, expected)


def features_of(made: EntF, data: Any, images: Tensor) -> tuple[Tensor, Tensor]:
    """Features of images, and the mean features of the classes of the clean ones."""
    of, clean, labels = Features(made.model), data.train_set.clean / 255, data.train_set.labels
    means = torch.stack([of(clean[labels == label]).mean(0) for label in range(10)])
    return of(images), means


@pytest.mark.parametrize("goal", ["push", "pull"])
def test_features_leave_their_class_in_8_bits(goal: str, shapes: Any, trainer: Any) -> None:
    """Push: the distance to their own mean rises. Pull: the nearest mean is another one's."""
    data = shapes()
    sizes = {"epsilon": "16/255", "step_size": "2/255", "steps": 15}
    made = module(
        goal=goal, model="cnn_small", model_steps=100, lr=0.05, reference_steps=1, **sizes
    )
    trainer(max_epochs=1).fit(made, data)
    made.model.eval()
    clean, labels = data.train_set.clean, data.train_set.labels
    released = poison(clean, labels, made.noise()) / 255
    (before, means), (after, _) = (
        features_of(made, data, images) for images in (clean / 255, released)
    )
    away, near = (class_distances(each, means) for each in (after, before))
    if goal == "push":
        own = labels[:, None]
        assert away.gather(1, own).mean() > 2 * near.gather(1, own).mean()
        assert (away.gather(1, own) > near.gather(1, own)).float().mean() > 0.99
    else:
        assert (away.argmin(1) != labels).float().mean() > 0.95
        assert (near.argmin(1) != labels).float().mean() < 0.6


def test_which_other_class_is_nearest_is_asked_in_every_step() -> None:
    """An image between two classes that walks past a third."""
    means = torch.tensor([[0.0], [10.0], [11.0]])
    labels = torch.tensor([0, 0])
    near = torch.tensor([[10.1], [10.9]], requires_grad=True)
    losses = to_nearest_other(means, near, labels)
    torch.testing.assert_close(losses, torch.tensor([0.01, 0.01]))
    (gradient,) = torch.autograd.grad(losses.sum(), near)
    torch.testing.assert_close(gradient, torch.tensor([[0.2], [-0.2]]))


def test_the_steps_go_through_views_drawn_anew() -> None:
    """With the view that mirrors always, the noise is that of mirrored weights."""
    model, weights = straight()
    images, labels = torch.full((1, 3, 4, 4), 0.5), torch.tensor([0])
    mirror = {"class_path": "RandomShiftFlip", "init_args": {"shift": 0.0, "p_flip": 1.0}}
    made = module(
        num_classes=2, image_size=4, step_size=EPSILON / 10, steps=20, step_views=[mirror]
    )
    made.means = torch.tensor([[-100.0], [100.0]])
    delta = made.noise_step(model, images, labels, torch.zeros_like(images))
    torch.testing.assert_close(delta[0], EPSILON * weights.flip(-1).sign())

    calls: list[Tensor] = []
    made = module(num_classes=2, image_size=4, steps=5, step_views=["RandomShiftFlip"])
    made.means = torch.tensor([[-100.0], [100.0]])
    made.step_views.register_forward_hook(lambda _, __, seen: calls.append(seen.detach()))
    made.noise_step(model, torch.rand(1, 3, 4, 4), labels, torch.zeros_like(images))
    assert len({tuple(each.flatten().tolist()) for each in calls}) == 5


def test_the_reference_trains_on_adversarial_examples_as_published() -> None:
    """Ten steps of half a radius; one step is a whole one."""
    attack: Any = module(reference_steps=10).reference.attack
    settings = attack.function.keywords
    assert 255 * settings["epsilon"] == pytest.approx(4)
    assert 255 * settings["step_size"] == pytest.approx(2)
    attack = module(reference_steps=1).reference.attack
    assert 255 * attack.function.keywords["step_size"] == pytest.approx(4)

    made = module(image_size=4, num_classes=2)
    images, labels = torch.rand(6, 3, 4, 4), torch.randint(2, (6,))
    robust = made.model_loss(images, labels, torch.full_like(images, 0.5))
    total = made.model[3].weight @ made.model[2].weight
    away = (total[1 - labels] - total[labels]).view_as(images).sign() * 4 / 255
    expected = cross_entropy(made.model((images + away).clamp(0, 1)), labels)
    torch.testing.assert_close(robust, expected)
    plain = module(image_size=4, num_classes=2, reference_epsilon=None)
    plain.model = made.model
    torch.testing.assert_close(
        plain.model_loss(images, labels, images), cross_entropy(made.model(images), labels)
    )


def test_the_yaml_says_what_was_published() -> None:
    config = yaml.safe_load((CONFIGS / "cifar10_entf.yaml").read_text())
    made = EntF(**{**config["model"]["init_args"], "model": "linear_pil"})
    assert (made.goal, made.steps, made.init) == ("push", 300, "normal")
    assert made.step_size == pytest.approx(EPSILON / 20)
    assert made.hparams["reference_steps"] == 10
    assert [type(each).__name__ for each in made.step_views] == ["RandomShiftFlip"]
    assert config["trainer"]["max_epochs"] == 100


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"goal": "shove"}, "goal='shove'"),
        ({"reference_epsilon": 2}, "reference_epsilon=2"),
        ({"reference_steps": 0}, "reference_steps=0"),
        ({"warmup": 1.5}, r"warmup=1\.5"),
        ({"step_views": ["Blurr"]}, "Blurr"),
        ({"epsilon": 8}, "epsilon=8"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UnlearnableError, match=said):
        module(**arguments)


def pooled(num_classes: int = 10) -> nn.Sequential:
    """Its logits are no linear layer's."""
    return nn.Sequential(nn.Conv2d(3, num_classes, 16), nn.Flatten())


class Rounded(nn.Module):
    """A view without a gradient."""

    def forward(self, images: Tensor) -> Tensor:
        return images.round()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"model": "test_entf.pooled"}, "no features"),
        ({"step_views": ["test_entf.Rounded"]}, "step_views is Rounded"),
    ],
)
def test_what_has_no_features_or_no_gradient_is_refused(
    arguments: dict[str, Any], said: str, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    with pytest.raises(UnlearnableError, match=said):
        trainer().fit(module(**arguments), shapes())
    assert not (tmp_path / "run" / "noise.safetensors").exists()


def test_one_class_has_no_other_to_come_to(shapes: Any, trainer: Any) -> None:
    data = shapes()
    data.setup("fit")
    data.train_set.labels.zero_()
    with pytest.raises(UnlearnableError, match=r"goal=pull, but all .* are of class 0"):
        trainer().fit(module(goal="pull"), data)
