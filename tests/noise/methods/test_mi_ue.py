"""MI-UE: the loss against a loop and closed forms, and noise that follows it."""

import math
from typing import Any

import lightning as L
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from unlearnable_lightning import UnlearnableError
from unlearnable_lightning.attacks.features import Features
from unlearnable_lightning.noise import MIUE
from unlearnable_lightning.noise.methods.mi_ue import class_contrast

FEATURES = torch.randn(24, 7, generator=torch.Generator().manual_seed(0))
LABELS = torch.randint(4, (24,), generator=torch.Generator().manual_seed(1))


def module(**arguments: Any) -> MIUE:
    L.seed_everything(0)
    small = {"model": "cnn_small", "image_size": 16, "steps": 3, "model_steps": 4}
    return MIUE(**small | arguments)


def naive(features: Tensor, labels: Tensor, temperature: float) -> list[float]:
    losses = []
    for i in range(len(features)):
        own = every = 0.0
        for j in range(len(features)):
            alike = cosine_similarity(features[i], features[j], dim=0).item()
            every += math.exp(alike / temperature)
            own += math.exp(alike / temperature) * (labels[i] == labels[j]).item()
        losses.append(-math.log(own / every))
    return losses


@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_the_loss_is_the_loop_over_pairs(temperature: float) -> None:
    losses = class_contrast(FEATURES, LABELS, temperature)
    assert losses.tolist() == pytest.approx(naive(FEATURES, LABELS, temperature), abs=1e-4)
    assert losses.min() >= 0


def test_one_class_has_no_loss_and_no_gradient() -> None:
    features = FEATURES.clone().requires_grad_()
    losses = class_contrast(features, torch.zeros(24, dtype=torch.int64))
    assert losses.eq(0).all()
    (gradient,) = torch.autograd.grad(losses.sum(), features)
    assert gradient.abs().max() < 1e-6


def test_order_and_length_of_features_do_not_count() -> None:
    order = torch.randperm(24, generator=torch.Generator().manual_seed(2))
    losses = class_contrast(FEATURES, LABELS)
    turned = class_contrast(5 * FEATURES[order], LABELS[order])
    torch.testing.assert_close(turned, losses[order])


def test_perfect_clusters_have_the_closed_form() -> None:
    counts = [3, 5, 8]
    labels = torch.arange(3).repeat_interleave(torch.tensor(counts))
    losses = class_contrast(torch.eye(3)[labels], labels)
    expected = [-math.log(n / (n + (16 - n) * math.exp(-10))) for n in counts for _ in range(n)]
    assert losses.tolist() == pytest.approx(expected, rel=1e-2, abs=1e-6)


def test_noise_brings_the_features_of_a_class_together(trainer: Any, shapes: Any) -> None:
    data, made = shapes(batch_size=100), module(steps=10)
    trainer(max_epochs=3).fit(made, data)
    images, labels = data.train_set.clean / 255, data.train_set.labels
    features = Features(made.model.eval())
    noise = made.noise().difference / 255
    with torch.no_grad():
        clean = class_contrast(features(images), labels).mean()
        poisoned = class_contrast(features((images + noise).clamp(0, 1)), labels).mean()
    assert poisoned < clean - 0.3


def test_the_step_size_climbs_from_the_first_round_to_the_last(trainer: Any, shapes: Any) -> None:
    largest: list[float] = []

    class Record(Callback):
        def on_train_epoch_start(self, trainer: Any, pl_module: Any) -> None:
            largest.append(255 * pl_module.deltas.delta.float().abs().max().item())

    made = module(step_size="1/255", last_step_size="3/255", steps=1, views=["RandomCropFlip"])
    trainer(max_epochs=3, callbacks=[Record()]).fit(made, shapes())
    assert largest == pytest.approx([0, 1, 3], abs=0.02)
    assert made.noise().difference.abs().max() == 6
    assert made.step_size_of(0, 1) == made.step_size


def test_published_sizes_follow_epsilon() -> None:
    made = module(epsilon="4/255")
    assert 255 * made.step_size == pytest.approx(0.1)
    assert 255 * made.last_step_size == pytest.approx(0.2)
    made = module(epsilon="4/255", step_size="epsilon/4", last_step_size="epsilon/2")
    assert 255 * made.step_size == pytest.approx(1)
    assert 255 * made.last_step_size == pytest.approx(2)


class Convolutional(nn.Sequential):
    """Its last layer is no linear one."""

    def __init__(self, num_classes: int, hidden: int = 0) -> None:
        first: list[nn.Module] = []
        if hidden:
            first = [nn.Flatten(), nn.Linear(768, hidden), nn.Unflatten(1, (hidden, 1, 1))]
        last = [nn.LazyConv2d(num_classes, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        super().__init__(*first, *last)
        self(torch.zeros(1, 3, 16, 16))


@pytest.mark.parametrize("hidden", [0, 8])
def test_a_model_without_a_last_linear_layer_is_refused(
    hidden: int, trainer: Any, shapes: Any, tmp_path: Any
) -> None:
    made = module(model=f"{__name__}.Convolutional", model_args={"hidden": hidden})
    with pytest.raises(UnlearnableError, match=r"no nn\.Linear makes its logits"):
        trainer().fit(made, shapes())
    assert not (tmp_path / "run" / "checkpoints").exists()


@pytest.mark.parametrize(
    ("sizes", "sweep"), [({"batch_size": 19}, None), ({}, 19), ({"train_size": 19}, None)]
)
def test_batches_without_pairs_are_refused(
    sizes: dict[str, int], sweep: int | None, trainer: Any, shapes: Any, tmp_path: Any
) -> None:
    with pytest.raises(UnlearnableError, match=r"19 images of 10 classes.*sweep_batch_size"):
        trainer().fit(module(sweep_batch_size=sweep), shapes(**sizes))
    assert not (tmp_path / "run" / "checkpoints").exists()


def test_a_larger_sweep_batch_makes_up_for_a_small_training_batch(
    trainer: Any, shapes: Any
) -> None:
    trainer().fit(module(sweep_batch_size=20), shapes(batch_size=10))


@pytest.mark.parametrize("cosine", [True, False])
def test_a_run_without_an_end_is_refused(cosine: bool, trainer: Any, shapes: Any) -> None:
    with pytest.raises(UnlearnableError, match="max_epochs=-1"):
        trainer(max_epochs=-1).fit(module(cosine=cosine), shapes())


@pytest.mark.parametrize(
    ("argument", "value"),
    [("temperature", 0), ("temperature", -1.0), ("temperature", math.nan), ("last_step_size", 2)],
)
def test_bad_arguments_are_refused_by_name(argument: str, value: Any) -> None:
    with pytest.raises(UnlearnableError, match=f"{argument}={value}"):
        module(**{argument: value})
