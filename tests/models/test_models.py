import inspect
from collections.abc import Callable

import pytest
import torch
from torch import nn

from unlearnable_lightning import models
from unlearnable_lightning.models import (
    NAMES,
    Normalize,
    cnn_small,
    cnn_strided,
    lenet,
    resnet18,
    resnet_small,
)

ALL = [getattr(models, name) for name in NAMES]
every_model = pytest.mark.parametrize("make", ALL, ids=NAMES)


def parameters(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())


def sized(make: Callable[..., nn.Sequential], channels: int, size: int) -> nn.Sequential:
    takes = inspect.signature(make).parameters
    return make(7, channels, **{"image_size": size} if "image_size" in takes else {})


@every_model
@pytest.mark.parametrize(("channels", "size"), [(3, 32), (1, 28)])
def test_images_become_logits(make: Callable[..., nn.Sequential], channels: int, size: int) -> None:
    logits = sized(make, channels, size)(torch.rand(2, channels, size, size))
    assert logits.shape == (2, 7)
    assert logits.isfinite().all()
    assert not torch.equal(logits[0], logits[1])


@every_model
def test_normalize_is_the_first_layer_and_the_only_one(
    make: Callable[..., nn.Sequential],
) -> None:
    layers = list(make().modules())
    assert isinstance(make()[0], Normalize)
    assert sum(isinstance(layer, Normalize) for layer in layers) == 1


@every_model
def test_every_parameter_gets_a_gradient(make: Callable[..., nn.Sequential]) -> None:
    model = sized(make, 3, 16)
    model(torch.rand(4, 3, 16, 16)).square().sum().backward()
    assert all(
        parameter.grad is not None and parameter.grad.abs().sum() > 0
        for parameter in model.parameters()
    )


@pytest.mark.parametrize(
    ("make", "millions", "digits"),
    [
        (resnet18, 11.17, 2),
        (resnet_small, 0.073, 3),
        (cnn_small, 0.024, 3),
        (cnn_strided, 0.207, 3),
    ],
)
def test_parameter_counts_are_those_that_the_docs_name(
    make: Callable[..., nn.Module], millions: float, digits: int
) -> None:
    assert round(parameters(make()) / 1e6, digits) == millions


def test_lenet_has_the_layers_of_madry_and_others() -> None:
    convolutions = 32 * (25 + 1) + 64 * (32 * 25 + 1)
    linear = (64 * 7 * 7 + 1) * 1024 + (1024 + 1) * 10
    assert parameters(lenet()) == convolutions + linear
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in lenet().modules())


def test_resnet18_has_18_layers_with_weights_besides_its_shortcuts() -> None:
    named = resnet18().named_modules()
    layers = [
        name
        for name, layer in named
        if isinstance(layer, nn.Conv2d | nn.Linear) and "shortcut" not in name
    ]
    assert len(layers) == 18


def test_resnet18_keeps_the_size_until_its_strides() -> None:
    sizes = []
    model = resnet18()
    for layer in model:
        layer.register_forward_hook(lambda _, __, out: sizes.append(tuple(out.shape[1:])))
    model.eval()(torch.rand(1, 3, 32, 32))
    assert [size for size in dict.fromkeys(sizes) if len(size) == 3] == [
        (3, 32, 32),
        (64, 32, 32),
        (128, 16, 16),
        (256, 8, 8),
        (512, 4, 4),
        (512, 1, 1),
    ]


def test_normalize_brings_the_image_range_to_plus_minus_two() -> None:
    assert Normalize()(torch.tensor([0, 0.5, 1])).tolist() == [-2, 0, 2]
    assert Normalize(0.1, 0.5)(torch.tensor([1.1])).item() == pytest.approx(2)
    assert repr(Normalize(0.1, 0.5)) == "Normalize(mean=0.1, std=0.5)"
