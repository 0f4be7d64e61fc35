import inspect
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import torch
import torchvision
from torch import nn

from unlearnable_lightning import UnlearnableError, models
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
        (models.cnn_pooled, 0.498, 3),
        (models.cnn_fast, 0.498, 3),
        (models.resnet50, 23.5, 1),
        (models.vgg19, 20, 0),
        (models.densenet121, 7.0, 1),
        (models.mobilenetv2, 2.2, 1),
        (models.vit_small, 21.3, 1),
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


@pytest.mark.parametrize(
    ("make", "kind", "sizes"),
    [
        (
            models.resnet50,
            torchvision.models.resnet.Bottleneck,
            [32] * 3 + [16] * 4 + [8] * 6 + [4] * 3,
        ),
        (models.densenet121, torchvision.models.densenet._Transition, [16, 8, 4]),
        (
            models.mobilenetv2,
            torchvision.models.mobilenetv2.InvertedResidual,
            [32] * 3 + [16] * 3 + [8] * 7 + [4] * 4,
        ),
    ],
)
def test_the_stem_keeps_the_size_and_what_follows_halves_it_three_times(
    make: Callable[..., nn.Module], kind: type[nn.Module], sizes: list[int]
) -> None:
    seen: list[int] = []
    model = make().eval()
    for layer in model.modules():
        if isinstance(layer, kind):
            layer.register_forward_hook(lambda _, __, out: seen.append(out.shape[-1]))
    with torch.no_grad():
        model(torch.rand(1, 3, 32, 32))
    assert seen == sizes


def test_vgg19_has_16_convolutions_and_one_linear_layer() -> None:
    kinds = [type(layer) for layer in models.vgg19()]
    assert kinds.count(nn.Conv2d) == 16
    assert kinds.count(nn.Linear) == 1


def test_the_linear_probe_is_linear() -> None:
    probe = models.linear()
    one, two = torch.rand(2, 3, 32, 32), torch.rand(2, 3, 32, 32)
    middle = probe((one + two) / 2)
    torch.testing.assert_close(middle, (probe(one) + probe(two)) / 2, atol=1e-5, rtol=1e-5)


def test_vit_small_refuses_images_that_its_patches_do_not_fill() -> None:
    with pytest.raises(UnlearnableError, match="image_size=30"):
        models.vit_small(image_size=30)


@pytest.mark.parametrize(
    ("pool", "kinds"),
    [
        ("max", {nn.MaxPool2d: 3, nn.AdaptiveMaxPool2d: 1}),
        ("average", {nn.AvgPool2d: 3, nn.AdaptiveAvgPool2d: 1}),
    ],
)
def test_cnn_pooled_pools_as_it_is_told(
    pool: Literal["max", "average"], kinds: dict[type[nn.Module], int]
) -> None:
    pools = [type(layer) for layer in models.cnn_pooled(pool=pool) if "Pool" in str(type(layer))]
    assert Counter(pools) == kinds


def test_cnn_pooled_has_seven_convolutions_of_the_width_that_it_is_told() -> None:
    def channels(width: float) -> list[int]:
        layers = models.cnn_pooled(width=width)
        return [layer.out_channels for layer in layers if isinstance(layer, nn.Conv2d)]

    assert channels(1) == [24, 32, 32, 128, 128, 128, 128]
    assert channels(0.5) == [12, 16, 16, 64, 64, 64, 64]


@pytest.mark.parametrize(
    "wrong",
    [
        *({"pool": pool} for pool in ("mean", "Max", None)),
        *({"width": width} for width in (0, -1, 0.01, 11, float("nan"), "0.5", True)),
    ],
    ids=str,
)
def test_cnn_pooled_refuses_what_it_cannot_be(wrong: dict[str, Any]) -> None:
    ((name, value),) = wrong.items()
    with pytest.raises(UnlearnableError, match=re.escape(f"cnn_pooled: {name}={value!r}")):
        models.cnn_pooled(**wrong)


@pytest.mark.parametrize(("channels", "filters"), [(3, 24), (1, 8)])
def test_the_stem_of_cnn_fast_is_fixed_and_each_filter_has_its_negative(
    channels: int, filters: int
) -> None:
    stem = models.cnn_fast(10, channels)[1]
    assert [name for name, _ in stem.named_parameters()] == ["bias"]
    half = stem.filters[: filters // 2].flatten(1)
    assert torch.equal(stem.filters[filters // 2 :].flatten(1), -half)
    angles = half @ half.T
    assert torch.allclose(angles, angles.diagonal().diag(), atol=1e-4)  # they stand at right angles
    assert torch.equal(stem.filters, models.cnn_fast(10, channels)[1].filters)


@pytest.mark.real_data
@pytest.mark.parametrize("channels", [3, 1])
def test_the_stem_of_cnn_fast_whitens_photos(channels: int, real_data: Path) -> None:
    with np.load(real_data / "cifar10.npz") as arrays:
        images = torch.from_numpy(arrays["x_train"][:2000]).permute(0, 3, 1, 2) / 255
    images = images if channels == 3 else images.mean(1, keepdim=True)
    normalize, stem = models.cnn_fast(10, channels)[:2]
    found = stem(normalize(images)).detach()
    answers = found[:, : found.shape[1] // 2].transpose(0, 1).flatten(1)
    assert ((answers.std(1) > 0.7) & (answers.std(1) < 1.3)).all()  # pixels: 0.5 to 3.2 of 12
    assert (torch.corrcoef(answers) - torch.eye(len(answers))).abs().max() < 0.15


def test_the_convolutions_of_cnn_fast_give_on_what_they_get_at_first() -> None:
    convolutions = [layer for layer in models.cnn_fast() if isinstance(layer, nn.Conv2d)]
    assert len(convolutions) == 6
    for layer in convolutions:
        features = torch.rand(2, layer.in_channels, 5, 5)
        torch.testing.assert_close(layer(features)[:, : layer.in_channels], features)


def test_cnn_fast_refuses_images_that_are_neither_grey_nor_of_three_colours() -> None:
    with pytest.raises(UnlearnableError, match=r"in_channels=4.*cnn_pooled"):
        models.cnn_fast(10, 4)
