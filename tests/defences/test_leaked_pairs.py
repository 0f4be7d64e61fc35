"""The leak protocol: disjoint rows, and what each model takes off."""

from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.functional import conv2d

from unlearnable_lightning.data.shapes_images import draw_shapes
from unlearnable_lightning.defences import LeakedPairs
from unlearnable_lightning.defences.leak_models.class_mean import class_means, of_class
from unlearnable_lightning.errors import UnlearnableError

COUNT = 200


def pictures() -> tuple[Tensor, Tensor]:
    images, labels = draw_shapes(COUNT, seed=0, image_size=16)
    return (images // 2 + 64), labels


def class_wise(images: Tensor, labels: Tensor) -> Tensor:
    random = torch.Generator().manual_seed(0)
    noise = torch.randint(-8, 9, (10, *images.shape[1:]), generator=random)
    return (images + noise[labels]).to(torch.uint8)


def textures() -> tuple[Tensor, Tensor]:
    """Images that say nothing of their labels."""
    random = torch.Generator().manual_seed(0)
    images = torch.randint(40, 216, (COUNT, 1, 8, 8), generator=random, dtype=torch.uint8)
    return images, torch.arange(COUNT) % 4


def sharpened(images: Tensor, labels: Tensor) -> Tensor:
    """Noise that a linear map makes of the image: a quarter of its deviation from its blur."""
    blurred = conv2d(images.float(), torch.ones(1, 1, 3, 3) / 9, padding=1)
    return (images + (images - blurred) / 4).round().clamp(0, 255).to(torch.uint8)


def energy_left(defence: LeakedPairs, make: Any, protect: Any) -> float:
    clean, labels = make()
    protected = protect(clean, labels)
    rows = defence.leak(clean, labels)
    made = defence.on_dataset(protected, labels)
    before, after = ((each.float() - clean).square()[rows].sum() for each in (protected, made))
    return (after / before).item()


def test_leaked_and_purified_rows_are_disjoint_and_all_of_them() -> None:
    clean, labels = pictures()
    defence = LeakedPairs(pairs=60, seed=3)
    rows = defence.leak(clean, labels)
    assert defence.leaked is not None
    assert len(defence.leaked) == 60
    assert torch.equal(torch.cat([rows, defence.leaked]).sort().values, torch.arange(COUNT))
    assert torch.equal(rows, rows.sort().values)
    made = defence.on_dataset(clean + 4, labels)
    assert torch.equal(made[defence.leaked], clean[defence.leaked] + 4)
    assert torch.equal(made[rows], clean[rows])
    assert not torch.equal(rows, LeakedPairs(pairs=60, seed=4).leak(clean, labels))


def test_nothing_is_known_of_the_other_originals() -> None:
    clean, labels = pictures()
    protected, defence = class_wise(clean, labels), LeakedPairs(pairs=60)
    rows = defence.leak(clean, labels)
    made = defence.on_dataset(protected, labels)
    other = clean.clone()
    other[rows] = 0
    defence.leak(other, labels)
    assert torch.equal(defence.on_dataset(protected, labels), made)


@pytest.mark.parametrize("model", ["ClassMean", "Ridge"])
def test_class_wise_noise_goes(model: str) -> None:
    assert energy_left(LeakedPairs(100, model), pictures, class_wise) < 0.01


def test_noise_that_depends_on_the_image_goes_by_what_can_follow_it() -> None:
    cnn = {"class_path": "ResidualCNN", "init_args": {"steps": 100, "width": 8, "lr": 0.005}}
    mean, ridge, network = (
        energy_left(LeakedPairs(100, model), textures, sharpened)
        for model in ("ClassMean", "Ridge", cnn)
    )
    assert mean > 0.6  # the black beyond the border is alike for all images
    assert ridge < 0.3
    assert network < 0.15


def test_class_means_equal_a_loop_and_an_unknown_class_has_none() -> None:
    values, labels = torch.rand(20, 3, 2, 2), torch.arange(20) % 3 * 2
    means = class_means(values, labels)
    assert means.shape == (5, 3, 2, 2)
    for label in (0, 2, 4):
        torch.testing.assert_close(means[label], values[labels == label].mean(0))
    assert means[1].abs().max() == 0
    assert of_class(means, torch.tensor([7, 4]))[0].abs().max() == 0


@pytest.mark.parametrize("model", ["ClassMean", "Ridge", "ResidualCNN"])
def test_a_class_without_a_pair_is_no_error(model: str) -> None:
    clean, labels = pictures()
    arguments = {"steps": 2} if model == "ResidualCNN" else {}
    defence = LeakedPairs(5, {"class_path": model, "init_args": arguments})
    rows = defence.leak(clean, labels)
    assert len(labels[defence.leaked].unique()) < 10
    assert defence.on_dataset(clean, labels)[rows].shape == clean[rows].shape


def test_a_victim_trains_on_the_other_rows_alone(
    classifier: Any, shapes: Any, trainer: Any
) -> None:
    spec = {"class_path": "LeakedPairs", "init_args": {"pairs": 37}}
    module, data = classifier(defences=[spec], test_attacks=[]), shapes()
    trainer(max_epochs=1).fit(module, data)
    leaked = module.defences.defences[0].leaked
    served = [row for batch in data.train_dataloader() for row in batch["index"].tolist()]
    assert len(served) == 63
    assert not set(served) & set(leaked.tolist())
    assert len(data.train_set) == 100


@pytest.mark.parametrize("pairs", [0, -1])
def test_no_pairs_are_refused(pairs: int) -> None:
    with pytest.raises(UnlearnableError, match=f"pairs={pairs}"):
        LeakedPairs(pairs)


def test_as_many_pairs_as_images_are_refused() -> None:
    with pytest.raises(UnlearnableError, match="pairs=200, but there are 200"):
        LeakedPairs(COUNT).leak(*pictures())


def test_without_a_leak_it_says_what_is_missing() -> None:
    with pytest.raises(UnlearnableError, match="call leak"):
        LeakedPairs(5).on_dataset(*pictures())


@pytest.mark.parametrize(
    ("model", "init_args", "said"),
    [
        ("Ridge", {"penalty": 0}, "penalty is 0"),
        ("ResidualCNN", {"steps": 0}, "steps=0"),
        ("ResidualCNN", {"lr": 0}, "lr=0"),
        ("Bridge", {}, "Give one of ClassMean"),
        ("torch.nn.ReLU", {}, "must make a LeakModel"),
    ],
)
def test_bad_models_are_refused(model: str, init_args: dict[str, float], said: str) -> None:
    with pytest.raises(UnlearnableError, match=said):
        LeakedPairs(5, {"class_path": model, "init_args": init_args})
