"""SEP: one member is plain PGD, several are a mean, and a run keeps its members."""

from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
import yaml
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss

from unlearnable_lightning import UnlearnableError, poison
from unlearnable_lightning.attacks import pgd
from unlearnable_lightning.attacks.features import Features
from unlearnable_lightning.noise import SEP
from unlearnable_lightning.noise.ensemble import mean_gradient, reduced_gradient
from unlearnable_lightning.noise.sweep import Sweep

CONFIGS = Path(__file__).parents[3] / "configs" / "noise"
LEVEL = 1 / 255
IMAGES = torch.randint(256, (12, 3, 8, 8), generator=torch.Generator().manual_seed(0)) / 255
LABELS = torch.randint(10, (12,), generator=torch.Generator().manual_seed(1))


def module(**arguments: Any) -> SEP:
    L.seed_everything(0)
    small = {"members": 1, "model": "linear_pil", "image_size": 8}
    return SEP(**small | arguments)


def curved(seed: int, classes: int = 10) -> nn.Module:
    torch.manual_seed(seed)
    layers = nn.Flatten(), nn.Linear(192, 20), nn.Tanh(), nn.Linear(20, classes)
    return nn.Sequential(*layers).requires_grad_(False).eval()


def run(folder: str, trainer: Any, shapes: Any, epochs: int = 3, **arguments: Any) -> SEP:
    small = {"members": 3, "model": "cnn_small", "image_size": 16, "steps": 3, "lr": 0.02}
    made = module(**small | arguments)
    trainer(folder, max_epochs=epochs).fit(made, shapes())
    return made


def test_one_member_and_labels_are_targeted_pgd() -> None:
    model = curved(0)
    delta = module().noise_step(model, IMAGES, LABELS, torch.zeros_like(IMAGES))
    amounts = {"epsilon": 8 * LEVEL, "step_size": LEVEL, "steps": 30}
    start = torch.zeros_like(IMAGES)
    wanted = (LABELS + 5) % 10
    expected = pgd(model, IMAGES, wanted, start=start, minimize=True, **amounts)
    assert torch.equal(delta, expected)
    assert delta.abs().max() > 7.9 * LEVEL


@pytest.mark.parametrize("inner_steps", [0, 4])
@pytest.mark.parametrize("features", [False, True])
def test_noise_is_whole_grey_levels_before_it_is_rounded(features: bool, inner_steps: int) -> None:
    """Images are, and steps of 1/255 stay on the grid; so does the box."""
    made = module(inner_steps=inner_steps)
    made.earlier = [curved(seed) for seed in (1, 2)]  # type: ignore[assignment]
    if features:
        made.means = torch.randn(3, 10, 20)
    levels = 255 * made.noise_step(curved(0), IMAGES, LABELS, torch.zeros_like(IMAGES))
    torch.testing.assert_close(levels, levels.round(), rtol=0, atol=1e-3)
    assert levels.unique().round().unique().tolist() == list(range(-8, 9))
    poisoned = IMAGES + levels / 255
    assert poisoned.min() > -1e-6
    assert poisoned.max() < 1 + 1e-6


@pytest.mark.parametrize("features", [False, True])
def test_the_gradient_is_the_mean_over_the_members(features: bool) -> None:
    """One step against the loss of all members in one graph."""
    made, models = module(steps=1), [curved(seed) for seed in range(3)]
    made.earlier = models[:2]  # type: ignore[assignment]
    wanted = (LABELS + 5) % 10
    seen = IMAGES.clone().requires_grad_()
    losses = [cross_entropy(model(seen), wanted) for model in models]
    if features:
        made.means = torch.randn(3, 10, 20)
        pairs = zip(models, made.means, strict=True)
        losses = [mse_loss(Features(model)(seen), means[wanted]) for model, means in pairs]
    (gradient,) = torch.autograd.grad(torch.stack(losses).mean(), seen)
    stepped = (IMAGES - LEVEL * gradient.sign()).clamp(0, 1)
    delta = made.noise_step(models[2], IMAGES, LABELS, torch.zeros_like(IMAGES))
    torch.testing.assert_close(IMAGES + delta, stepped)
    one = module(steps=1).noise_step(models[2], IMAGES, LABELS, torch.zeros_like(IMAGES))
    assert not torch.equal(one, delta) or features


def test_variance_reduction_is_that_of_the_specification() -> None:
    """Against a loop: sum += grad_k(walk) - (g_k - G), k drawn; the walk follows the sum."""
    models, wanted = [curved(seed) for seed in range(3)], (LABELS + 5) % 10

    def of(model: nn.Module, images: Tensor) -> Tensor:
        seen = images.detach().clone().requires_grad_()
        loss = cross_entropy(model(seen), wanted, reduction="sum")
        return torch.autograd.grad(loss, seen)[0]

    def step(images: Tensor, direction: Tensor) -> Tensor:
        moved = (images - LEVEL * direction.sign()) - IMAGES
        return (IMAGES + moved.clamp(-8 * LEVEL, 8 * LEVEL)).clamp(0, 1)

    torch.manual_seed(7)
    outer = IMAGES
    for _ in range(3):
        each = [of(model, outer) for model in models]
        mean = (each[0] + each[1] + each[2]) / 3
        total, walk = torch.zeros_like(outer), outer
        for _ in range(5):
            k = int(torch.randint(3, ()))
            total = total + of(models[k], walk) - (each[k] - mean)
            walk = step(walk, total)
        outer = step(outer, total)

    made = module(steps=3, inner_steps=5)
    made.earlier = models[:2]  # type: ignore[assignment]
    torch.manual_seed(7)
    delta = made.noise_step(models[2], IMAGES, LABELS, torch.zeros_like(IMAGES))
    unlike = (IMAGES + delta - outer).abs() > 1e-4
    assert unlike.float().mean() < 0.002  # a sum whose sign is that of its rounding
    plain = module(steps=3)
    plain.earlier = models[:2]  # type: ignore[assignment]
    assert not torch.equal(
        plain.noise_step(models[2], IMAGES, LABELS, torch.zeros_like(IMAGES)), delta
    )


def test_one_inner_step_is_the_mean_gradient() -> None:
    """grad_k - (g_k - G) is G where the walk begins, whatever k."""
    gradients = [lambda x, w=w: w * x.square() for w in (1.0, 2.0, 6.0)]
    images = torch.rand(2, 3, 4, 4)
    reduced = reduced_gradient(gradients, images, lambda direction, seen: direction(seen))
    torch.testing.assert_close(reduced, mean_gradient(gradients, images))


@pytest.mark.parametrize("features", [False, True])
def test_the_released_images_look_like_the_target(
    features: bool, shapes: Any, trainer: Any
) -> None:
    """On the release in 8 bits, to the last network; by its label, or by its nearest class mean."""
    data = shapes()
    made = module(
        members=2,
        shift=3,
        features=features,
        image_size=16,
        lr=0.02,
        epsilon="32/255",
        step_size="4/255",
        steps=15,
        model_steps=40,
    )
    trainer(max_epochs=2).fit(made, data)
    clean, labels = data.train_set.clean, data.train_set.labels
    wanted = (labels + 3) % 10
    released = poison(clean, labels, made.noise()) / 255
    if not features:
        assert (made.model(released).argmax(1) == wanted).float().mean() > 0.95
        return
    of = Features(made.model)
    means = torch.stack([of(clean[labels == label] / 255).mean(0) for label in range(10)])
    before, after = (
        (of(images) - means[wanted]).square().mean(1) for images in (clean / 255, released)
    )
    assert (after < before).float().mean() > 0.99
    assert after.mean() < before.mean() / 2


def test_the_members_are_the_networks_at_equal_distances(shapes: Any, trainer: Any) -> None:
    """Weights and buffers after epochs 2, 4 and 6, each frozen once for a sweep."""
    seen: list[dict[str, Tensor]] = []

    class Record(Callback):
        def on_train_epoch_end(self, trainer: L.Trainer, module: Any) -> None:
            seen.append({k: v.clone() for k, v in module.model.state_dict().items()})

    made = module(members=3, model="cnn_small", image_size=16, steps=2, step_size="2/255")
    frozen: list[nn.Module] = []
    whole = Sweep.freeze
    with pytest.MonkeyPatch.context() as patch:

        def noted(sweep: Sweep, model: nn.Module) -> Any:
            frozen.append(whole(sweep, model))
            return frozen[-1]

        patch.setattr(Sweep, "freeze", noted)
        trainer(max_epochs=6, callbacks=[Record()]).fit(made, shapes())
    assert sorted(made.members.kept) == [2, 4, 6]
    for epoch, weights in made.members.kept.items():
        assert set(weights) == set(seen[epoch - 1])
        for name, value in weights.items():
            assert torch.equal(value, seen[epoch - 1][name]), name
    assert len(frozen) == 3
    last = made.model.state_dict()
    assert all(torch.equal(value, last[name]) for name, value in seen[5].items())  # by the sweep
    images = torch.rand(4, 3, 16, 16)
    for member, epoch in zip(frozen, (6, 2, 4), strict=True):  # the sweep's surrogate first
        made.model.load_state_dict(made.members.kept[epoch])
        torch.testing.assert_close(member(images), made.model.eval()(images))
    assert not made.earlier
    assert made.means is None


@pytest.mark.parametrize("arguments", [{}, {"features": True, "inner_steps": 2}])
def test_broken_off_after_a_member_and_resumed_equals_unbroken(
    arguments: dict[str, Any], shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    class PowerCut(Callback):
        def on_train_batch_start(self, trainer: Any, _: Any, __: Any, batch_idx: int) -> None:
            if trainer.current_epoch == 2 and batch_idx == 1:
                raise RuntimeError("power cut")

    whole = run("whole", trainer, shapes, **arguments)
    small = {"members": 3, "model": "cnn_small", "image_size": 16, "steps": 3, "lr": 0.02}
    with pytest.raises(RuntimeError, match="power cut"):
        trainer("b", max_epochs=3, callbacks=[PowerCut()]).fit(
            module(**small | arguments), shapes()
        )
    path = tmp_path / "b" / "checkpoints" / "last.ckpt"
    kept = torch.load(path, weights_only=True, map_location="cpu")["members"]
    assert sorted(kept) == [1, 2]
    assert all(isinstance(value, Tensor) for value in kept[1].values())
    assert any(not torch.equal(value, kept[2][name]) for name, value in kept[1].items())
    resumed = module(**small | arguments)
    trainer("b", max_epochs=3).fit(resumed, shapes(), ckpt_path=path)
    assert torch.equal(resumed.noise().difference, whole.noise().difference)
    alone = run("alone", trainer, shapes, members=1, **arguments)
    assert not torch.equal(alone.noise().difference, whole.noise().difference)


def test_a_run_goes_on_if_it_kept_what_it_needs_and_is_refused_if_not(
    shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    run("run", trainer, shapes, epochs=2, members=1)
    path = tmp_path / "run" / "checkpoints" / "last.ckpt"
    before = path.read_bytes()
    refused = module(members=4, model="cnn_small", image_size=16, steps=3)
    with pytest.raises(UnlearnableError, match=r"need the networks after epoch 1, but .* after 2"):
        trainer("run", max_epochs=4).fit(refused, shapes(), ckpt_path=path)
    assert path.read_bytes() == before
    longer = module(members=2, model="cnn_small", image_size=16, steps=3)
    trainer("run", max_epochs=4).fit(longer, shapes(), ckpt_path=path)
    assert sorted(longer.members.kept) == [2, 4]


def test_a_second_fit_begins_with_no_member(shapes: Any, trainer: Any) -> None:
    """The same object, a new Trainer: what it kept belongs to the training before."""
    made = module(members=2, model="cnn_small", image_size=16, steps=3)
    trainer("first", max_epochs=2).fit(made, shapes())
    assert sorted(made.members.kept) == [1, 2]
    trainer("second", max_epochs=4, max_steps=4).fit(made, shapes())  # one epoch
    assert not made.members.kept


def test_members_of_another_network_are_refused(shapes: Any, trainer: Any, tmp_path: Path) -> None:
    run("run", trainer, shapes, epochs=2, members=2)
    path = tmp_path / "run" / "checkpoints" / "last.ckpt"
    content = torch.load(path, weights_only=True, map_location="cpu")
    name = next(iter(content["members"][2]))
    content["members"][2][name] = torch.zeros(1)
    torch.save(content, path)
    other = module(members=2, model="cnn_small", image_size=16, steps=3)
    with pytest.raises(UnlearnableError, match="after epoch 2 is another network"):
        trainer("run", max_epochs=4).fit(other, shapes(), ckpt_path=path)


def test_a_run_that_ends_before_takes_the_members_that_it_has(shapes: Any, trainer: Any) -> None:
    made = module(members=3, model="cnn_small", image_size=16, steps=2)
    counts: list[int] = []
    step = SEP.noise_step
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            SEP, "noise_step", lambda self, *a: counts.append(len(self.earlier)) or step(self, *a)
        )
        trainer(max_epochs=6, max_steps=12).fit(made, shapes())  # 4 batches in an epoch
    assert set(counts) == {1}  # of epoch 2, beside the network of epoch 3
    assert made.noise().difference.any()


def test_the_yamls_say_what_was_published() -> None:
    config = yaml.safe_load((CONFIGS / "cifar10_sep.yaml").read_text())
    made = module(**{**config["model"]["init_args"], "model": "linear_pil", "image_size": 32})
    assert config["trainer"]["max_epochs"] % made.hparams["members"] == 0
    assert (made.hparams["members"], made.shift, made.steps, made.init) == (30, 5, 30, "zeros")
    assert 255 * made.epsilon == pytest.approx(8)
    assert 255 * made.step_size == pytest.approx(1)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"shift": 10}, "shift=10 with 10 classes"),
        ({"num_classes": 4}, "shift=5 with 4 classes"),
        ({"shift": None}, "shift=None"),
        ({"members": 0}, "members=0"),
        ({"members": 2.0}, r"members=2\.0"),
        ({"members": 2, "model_steps": 0}, "members=2 with model_steps=0"),
        ({"inner_steps": -1}, "inner_steps=-1"),
        ({"epsilon": 8}, "epsilon=8"),
    ],
)
def test_bad_arguments_are_refused(arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(UnlearnableError, match=said):
        module(**arguments)


@pytest.mark.parametrize(
    ("members", "epochs", "said"),
    [
        (4, 6, "members=4 with max_epochs=6: .* one of 1, 2, 3, 6, or .* multiple of 4"),
        (4, 2, "members=4 with max_epochs=2: .* one of 1, 2, or"),
        (1, -1, "max_epochs=-1"),
        (1, 0, "max_epochs=0"),
    ],
)
def test_members_that_do_not_divide_the_epochs_are_refused(
    members: int, epochs: int, said: str, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    made = module(members=members, model="cnn_small", image_size=16, cosine=False)
    with pytest.raises(UnlearnableError, match=said):
        trainer(max_epochs=epochs).fit(made, shapes())
    assert not (tmp_path / "run" / "noise.safetensors").exists()


def test_a_target_without_images_has_no_features(shapes: Any, trainer: Any) -> None:
    """Eleven outputs: class 9 goes to class 3, but class 5 to class 10."""
    made = module(features=True, num_classes=11, model="cnn_small", image_size=16)
    with pytest.raises(UnlearnableError, match="no training image is of class 10"):
        trainer().fit(made, shapes())


def pooled(num_classes: int = 10) -> nn.Sequential:
    """Its logits are no linear layer's."""
    return nn.Sequential(nn.Conv2d(3, num_classes, 16), nn.Flatten())


def test_a_network_without_features_is_refused(shapes: Any, trainer: Any) -> None:
    made = module(features=True, model="test_sep.pooled", image_size=16)
    with pytest.raises(UnlearnableError, match="no features"):
        trainer().fit(made, shapes())
