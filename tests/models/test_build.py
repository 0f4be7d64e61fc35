from typing import Any

import pytest
import torch
from torch import nn

from unlearnable_lightning import ClassifierModule
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.models import NAMES, Normalize, build_model

CIFAR = {"num_classes": 10, "in_channels": 3, "image_size": 32}


class Flat(nn.Module):
    """A model from elsewhere; takes what it is given by name."""

    def __init__(
        self, num_classes: int, in_channels: int, image_size: int, hidden: int = 5
    ) -> None:
        super().__init__()
        self.hidden = hidden
        self.layers = nn.Sequential(
            nn.Flatten(),
            nn.Linear(in_channels * image_size**2, hidden),
            nn.Dropout(),
            nn.Linear(hidden, num_classes),
        )

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.layers(images)


def two_classes() -> nn.Module:
    return Flat(2, 3, 32)


def number() -> int:
    return 3


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("channels", "size"), [(3, 32), (1, 28)])
def test_models_of_this_package_fit_the_data(name: str, channels: int, size: int) -> None:
    model = build_model(name, num_classes=7, in_channels=channels, image_size=size)
    assert isinstance(model[0], Normalize)
    assert model(torch.rand(2, channels, size, size)).shape == (2, 7)


@pytest.mark.parametrize(
    "name", ["torchvision.models.squeezenet1_1", "torchvision.models.resnet18"]
)
def test_models_of_torchvision_get_the_class_count_and_normalize(name: str) -> None:
    model = build_model(name, num_classes=7, in_channels=3, image_size=32)
    first, network = model.children()
    assert isinstance(first, Normalize)
    assert type(network).__module__.startswith("torchvision.models")
    assert model.eval()(torch.rand(2, 3, 32, 32)).shape == (2, 7)


def test_class_from_elsewhere_gets_the_facts_of_the_data() -> None:
    model = build_model(f"{__name__}.Flat", num_classes=4, in_channels=1, image_size=9)
    assert model(torch.rand(2, 1, 9, 9)).shape == (2, 4)


def test_model_args_are_passed_on_and_outrank_the_data() -> None:
    model = build_model(f"{__name__}.Flat", **CIFAR, model_args={"hidden": 11})
    assert model[1].hidden == 11
    with pytest.raises(UnlearnableError, match=r"shape \(1, 3\) for one image; the data has 10"):
        build_model("cnn_small", **CIFAR, model_args={"num_classes": 3})


def test_model_is_trainable_channels_last_and_has_fresh_statistics() -> None:
    """The trial run must not be seen."""
    model = build_model("resnet_small", **CIFAR)
    assert all(module.training for module in model.modules())
    assert all(parameter.requires_grad for parameter in model.parameters())
    assert model[1].weight.is_contiguous(memory_format=torch.channels_last)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.num_batches_tracked == 0
            assert module.running_mean is not None
            assert not module.running_mean.any()


@pytest.mark.parametrize(
    "name",
    ["resnet19", "", "no_such_package.model", "torchvision.models.resnet19", "./model.py", "a..b"],
)
def test_unknown_model_is_refused(name: str) -> None:
    with pytest.raises(UnlearnableError, match="is not found") as error:
        build_model(name, **CIFAR)
    assert f"model={name!r}" in str(error.value)
    assert all(known in str(error.value) for known in NAMES)


@pytest.mark.parametrize(
    "model", [nn.Flatten(), nn.Flatten, None, {"class_path": "torch.nn.Flatten"}]
)
def test_a_model_that_is_no_name_is_refused(model: Any) -> None:
    with pytest.raises(
        UnlearnableError, match=f"object of {type(model).__name__}, not text.*import"
    ):
        ClassifierModule(model=model)


@pytest.mark.parametrize("name", ["NAMES", "math.pi", "torchvision.models"])
def test_what_cannot_be_called_is_refused(name: str) -> None:
    with pytest.raises(UnlearnableError, match="is not a function or class"):
        build_model(name, **CIFAR)


def test_what_gives_no_module_is_refused() -> None:
    with pytest.raises(UnlearnableError, match=r"returns no torch\.nn\.Module, but 3"):
        build_model(f"{__name__}.number", **CIFAR)


@pytest.mark.parametrize(
    ("name", "model_args"),
    [("resnet18", {"depth": 3}), ("torch.nn.functional.cross_entropy", None)],
)
def test_arguments_that_do_not_fit_are_refused(
    name: str, model_args: dict[str, Any] | None
) -> None:
    with pytest.raises(UnlearnableError, match=r"cannot be called with.*model_args"):
        build_model(name, **CIFAR, model_args=model_args)


def test_wrong_class_count_is_refused() -> None:
    with pytest.raises(UnlearnableError, match=r"shape \(1, 2\) for one image; the data has 10"):
        build_model(f"{__name__}.two_classes", **CIFAR)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("torchvision.models.resnet18", CIFAR | {"in_channels": 1}),
        ("torchvision.models.squeezenet1_1", CIFAR | {"image_size": 4}),
        ("lenet", CIFAR | {"image_size": 3}),
    ],
)
@pytest.mark.filterwarnings("ignore:Initializing zero-element")  # nothing is left of 3 × 3
def test_model_that_does_not_take_the_images_is_refused(name: str, data: dict[str, int]) -> None:
    size = data["image_size"]
    shape = rf"\({data['in_channels']}, {size}, {size}\)"
    with pytest.raises(UnlearnableError, match=f"does not take images of shape {shape}"):
        build_model(name, **data)


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        *(("num_classes", value) for value in (1, 0, -1, 10.0, True)),
        *(("in_channels", value) for value in (0, -1)),
        *(("image_size", value) for value in (0, -1)),
    ],
)
def test_facts_that_no_data_has_are_refused(fact: str, value: Any) -> None:
    with pytest.raises(UnlearnableError, match=f"{fact}={value}: .*at least"):
        build_model("cnn_small", **CIFAR | {fact: value})
