"""TAP, HYPO and AAP: the fixed point of a linear model, targets, tries, and what YAMLs say."""

from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
import yaml
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from unlearnable_lightning import UnlearnableError, poison
from unlearnable_lightning.noise import TAP
from unlearnable_lightning.noise.first_noise import first_noise
from unlearnable_lightning.noise.targets import target

CONFIGS = Path(__file__).parents[3] / "configs" / "noise"
EPSILON = 8 / 255


def linear(classes: int = 2, seed: int = 0) -> tuple[nn.Module, Tensor]:
    """A model that is one matrix, and the matrix [K, 3, 4, 4]."""
    weights = torch.randn(classes, 3, 4, 4, generator=torch.Generator().manual_seed(seed))
    model = nn.Sequential(nn.Flatten(), nn.Linear(48, classes, bias=False))
    model[1].weight.data = weights.flatten(1)
    return model, weights


def module(**arguments: Any) -> TAP:
    return TAP(**{"model": "linear_pil", "num_classes": 2, "image_size": 4} | arguments)


def config(name: str) -> dict[str, Any]:
    arguments: dict[str, Any] = yaml.safe_load((CONFIGS / f"cifar10_{name}.yaml").read_text())
    return arguments["model"]


@pytest.mark.parametrize(("shift", "sign"), [(1, -1), (0, 1), (None, -1)])
@pytest.mark.parametrize("init", ["zeros", "normal", "uniform"])
def test_a_linear_model_has_a_fixed_point(shift: int | None, sign: int, init: str) -> None:
    """Towards the other class, TAP; towards the own one, HYPO; away from it is towards the other.
    10 steps of a tenth reach the bound from 0, 20 from the other bound; 5 do not."""
    model, weights = linear()
    labels = torch.tensor([0, 1, 1, 0])
    apart = weights[labels] - weights[1 - labels]
    images = torch.full((4, 3, 4, 4), 0.5)
    steps = 10 if init == "zeros" else 20
    made = module(shift=shift, steps=steps, step_size=EPSILON / 10, init=init)
    start = torch.zeros_like(images) if init == "zeros" else -sign * EPSILON * apart.sign()
    delta = made.noise_step(model, images, labels, start)
    torch.testing.assert_close(delta, sign * EPSILON * apart.sign())
    made.steps = steps // 2
    halfway = made.noise_step(model, images, labels, start)
    assert halfway.abs().max() < EPSILON * 0.51


def test_away_from_the_true_class_of_two_equals_towards_the_other() -> None:
    """AAP-U and AAP-T, along curved views too."""
    model, _ = linear()
    images, labels = torch.rand(8, 3, 4, 4), torch.randint(2, (8,))
    made = []
    for shift in (1, None):
        torch.manual_seed(0)
        each = module(
            shift=shift,
            steps=6,
            step_size=EPSILON / 6,
            step_views=[{"class_path": "ContrastiveViews", "init_args": {"strength": 0.4}}],
        )
        torch.manual_seed(1)
        made.append(each.noise_step(model, images, labels, torch.zeros_like(images)))
    assert made[0].any()
    torch.testing.assert_close(*made)


def test_targets_are_a_permutation_of_the_classes_without_fixed_points() -> None:
    for classes in (2, 3, 10, 100):
        labels = torch.arange(classes)
        for shift in range(1, classes):
            targets = target(labels, shift, classes)
            assert sorted(targets.tolist()) == labels.tolist()
            assert not (targets == labels).any()
        assert torch.equal(target(labels, 0, classes), labels)


def test_the_last_class_goes_to_the_first_of_the_data_and_not_of_ten() -> None:
    model, weights = linear(classes=3)
    images, labels = torch.full((1, 3, 4, 4), 0.5), torch.tensor([2])
    made = module(num_classes=3, shift=1, steps=20, step_size=EPSILON / 10)
    delta = made.noise_step(model, images, labels, torch.zeros_like(images))
    before, after = (model(each)[0] for each in (images, images + delta))
    assert (after - before)[0] == (after - before).max()
    assert not torch.allclose(weights[0], weights[1])


def test_the_steps_go_through_views_drawn_anew() -> None:
    """With the views that mirror always, the noise is that of mirrored weights."""
    model, weights = linear()
    images, labels = torch.full((1, 3, 4, 4), 0.5), torch.tensor([0])
    mirror = {"class_path": "RandomShiftFlip", "init_args": {"shift": 0.0, "p_flip": 1.0}}
    made = module(steps=12, step_size=EPSILON / 10, step_views=[mirror], init="zeros")
    delta = made.noise_step(model, images, labels, torch.zeros_like(images))
    expected = EPSILON * (weights[1] - weights[0]).flip(-1).sign()
    torch.testing.assert_close(delta[0], expected)

    calls: list[Tensor] = []
    made = module(steps=5, step_views=["RandomShiftFlip"])
    made.step_views.register_forward_hook(lambda _, __, seen: calls.append(seen.detach()))
    made.noise_step(model, torch.rand(1, 3, 4, 4), labels, torch.zeros_like(images))
    assert len({tuple(each.flatten().tolist()) for each in calls}) == 5


def test_each_image_keeps_its_best_try() -> None:
    """Many hills: a model that is a sine of the pixels."""

    class Waves(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            waves = (400 * images).sin().flatten(1).sum(1, keepdim=True) / 8
            return torch.cat([waves, -waves], 1)

    images, labels = torch.rand(32, 3, 4, 4), torch.zeros(32, dtype=torch.int64)
    losses = []
    for restarts in (1, 6):
        made = module(restarts=restarts, steps=2, step_size=EPSILON / 20)
        torch.manual_seed(0)
        start = torch.randn_like(images).mul(EPSILON).clamp(-EPSILON, EPSILON)
        delta = made.noise_step(Waves(), images, labels, start)
        losses.append(made._loss(Waves(), images + delta, target(labels, 1, 2)))
        assert delta.abs().max() <= EPSILON + 1e-6
    assert (losses[1] <= losses[0] + 1e-6).all()
    assert losses[1].mean() < losses[0].mean() / 2


def test_the_first_noise_is_a_clipped_gaussian() -> None:
    random = torch.Generator().manual_seed(0)
    noise = first_noise(module().init, (20_000,), EPSILON, random) / EPSILON
    assert noise.abs().eq(1).float().mean().item() == pytest.approx(0.317, abs=0.01)
    assert noise[noise.abs() < 1].std().item() == pytest.approx(0.54, abs=0.01)


@pytest.mark.parametrize("shift", [1, 0, None])
def test_the_released_images_look_like_the_target_to_the_reference(
    shift: int | None, shapes: Any, trainer: Any
) -> None:
    """The sign, on the release in 8 bits."""
    L.seed_everything(0)
    data = shapes()
    sizes = {"epsilon": "32/255", "step_size": "4/255", "steps": 15, "model_steps": 40}
    made = TAP(shift=shift, model="linear_pil", image_size=16, lr=0.02, **sizes)
    trainer(max_epochs=1).fit(made, data)
    clean, labels = data.train_set.clean, data.train_set.labels
    logits = made.model(poison(clean, labels, made.noise()) / 255)
    if shift is None:
        assert (logits.argmax(1) == labels).float().mean() < 0.02
    else:
        targets = (labels + shift) % 10
        assert (logits.argmax(1) == targets).float().mean() > 0.95
        before = cross_entropy(made.model(clean / 255), targets, reduction="none")
        fell = cross_entropy(logits, targets, reduction="none") < before
        assert fell.float().mean() > 0.99


def test_the_reference_trains_on_clean_views_and_under_attack_on_adversarial_ones() -> None:
    """Whatever the noise; the attack finds the model in train mode and leaves it there."""
    images, labels = torch.rand(6, 3, 4, 4), torch.randint(2, (6,))
    mirror = [{"class_path": "RandomCropFlip", "init_args": {"padding": 0, "p_flip": 1.0}}]
    made = module(model="linear_pil", views=mirror)
    plain = made.model_loss(images, labels, torch.full_like(images, 0.5))
    torch.testing.assert_close(plain, cross_entropy(made.model(images.flip(-1)), labels))

    model = made.model
    made = module(model="linear_pil", views=mirror, reference_epsilon="2/255", reference_steps=3)
    made.model = model
    robust = made.model_loss(images, labels, torch.zeros_like(images))
    total = made.model[3].weight @ made.model[2].weight
    away = (total[1 - labels] - total[labels]).view_as(images).sign() * 2 / 255
    expected = (images.flip(-1) + away).clamp(0, 1)
    torch.testing.assert_close(robust, cross_entropy(made.model(expected), labels))
    assert made.model.training
    assert robust.requires_grad


def test_the_rate_falls_along_a_cosine_after_a_climb(shapes: Any, trainer: Any) -> None:
    rates: list[float] = []

    class Record(L.Callback):
        def on_train_batch_start(self, trainer: L.Trainer, *_: Any) -> None:
            rates.append(trainer.optimizers[0].param_groups[0]["lr"])

    made = TAP(model="linear_pil", image_size=16, steps=2, step_size="4/255", warmup=0.25)
    trainer(max_epochs=4, callbacks=[Record()]).fit(made, shapes())
    assert len(rates) == 16  # 100 images in batches of 32
    assert rates[:4] == sorted(rates[:4])
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert rates[4] == pytest.approx(0.1)
    assert rates[-1] < 0.003


def test_aap_with_the_views_and_the_step_of_tap_equals_tap() -> None:
    """The three are one method: their YAMLs differ in arguments that the paper gives."""
    tap, aap, hypo = (config(name) for name in ("tap", "aap", "hypo"))
    assert tap["class_path"] == aap["class_path"] == hypo["class_path"] == "TAP"
    of_the_reference = {
        "views",
        "lr",
        "weight_decay",
        "warmup",
        "reference_epsilon",
        "reference_steps",
    }
    of_the_noise = {"step_views", "step_size", "init", "restarts"}
    for other, differ in ((aap, of_the_noise), (hypo, of_the_noise | {"shift", "steps"})):
        for name in (set(tap["init_args"]) | set(other["init_args"])) - differ - of_the_reference:
            assert tap["init_args"][name] == other["init_args"][name], name
    assert aap["init_args"]["step_views"] == aap["init_args"]["views"]


@pytest.mark.parametrize("name", ["tap", "hypo", "aap"])
def test_the_yamls_say_what_was_published(name: str) -> None:
    arguments = {**config(name)["init_args"], "model": "linear_pil"}
    made = TAP(**arguments)
    expected = {
        "tap": (1, 250, EPSILON / 20, "normal", 8),
        "hypo": (0, 100, EPSILON / 10, "zeros", 1),
        "aap": (1, 250, EPSILON / 100, "zeros", 1),
    }[name]
    found = (made.shift, made.steps, made.step_size, made.init, made.restarts)
    assert found[0] == expected[0]
    assert found[1:] == (expected[1], pytest.approx(expected[2]), *expected[3:])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"shift": 2}, "shift=2 with 2 classes"),
        ({"shift": -1}, "shift=-1"),
        ({"shift": 1.0}, r"shift=1\.0"),
        ({"shift": True}, "shift=True"),
        ({"restarts": 0}, "restarts=0"),
        ({"restarts": 2, "init": "zeros"}, "restarts=2 with init=zeros"),
        ({"restarts": 2, "kind": "classwise"}, "kind=classwise"),
        ({"warmup": 1.5}, r"warmup=1\.5"),
        ({"step_views": ["Blurr"]}, "Blurr"),
        ({"reference_epsilon": 2}, "reference_epsilon=2"),
        ({"reference_epsilon": "2/255", "reference_steps": 0}, "reference_steps=0"),
        ({"epsilon": 8}, "epsilon=8"),
        ({"init": "gaussian"}, "init='gaussian'"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UnlearnableError, match=said):
        module(**arguments)


class Rounded(nn.Module):
    """A view without a gradient."""

    def forward(self, images: Tensor) -> Tensor:
        return images.round()


class Cut(nn.Module):
    """A view that leaves the graph."""

    def forward(self, images: Tensor) -> Tensor:
        return images.detach()


@pytest.mark.parametrize("view", ["Rounded", "Cut"])
def test_step_views_without_a_gradient_are_refused(
    view: str, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    made = TAP(model="linear_pil", image_size=16, step_views=[f"test_tap.{view}"])
    with pytest.raises(UnlearnableError, match=f"step_views is {view}"):
        trainer().fit(made, shapes())
    assert not (tmp_path / "run" / "noise.safetensors").exists()


def test_zeros_count_one_sweep_and_not_the_rounds_before_it(shapes: Any, trainer: Any) -> None:
    """0.05 grey levels in each of 4 steps: of 9 rounds, but once."""
    made = TAP(model="linear_pil", image_size=16, init="zeros", steps=4, step_size=0.05 / 255)
    with pytest.raises(UnlearnableError, match="cannot reach half a grey level"):
        trainer(max_epochs=9).fit(made, shapes())
