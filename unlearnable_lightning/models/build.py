"""A model from its name: the argument `model` of both modules."""

import importlib
import inspect
from collections.abc import Callable
from typing import Any

from torch import nn

from unlearnable_lightning.checks.image_size import ImageSize, height_and_width
from unlearnable_lightning.checks.whole_number import whole_number
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.models.check import channels_last, check_model
from unlearnable_lightning.models.normalize import Normalize


def build_model(
    name: str,
    *,
    num_classes: int,
    in_channels: int,
    image_size: ImageSize,
    model_args: dict[str, Any] | None = None,
) -> nn.Module:
    """Calls the function or class `name`, and checks that the model fits the data.

    Args:
        name: a name of this package (`resnet18`) or any import path (`torchvision.models.vgg11`).
            A model without `Normalize` as its first layer gets one.
        num_classes: K, the number of logits.
        in_channels: of the images. This and the next are passed on to models that take them.
        image_size: height and width of the images: one number, or two where they differ.
        model_args: further keyword arguments.

    Returns:
        A model in train mode that maps [B, C, H, W] in [0, 1] to logits [B, K]; channels-last, or
        contiguous if it needs that.

    Raises:
        UnlearnableError: no such model, no name, or a model that does not fit the images or the
            classes.
    """
    whole_number("num_classes", num_classes, 2, "there are at least 2 classes to tell apart")
    whole_number("in_channels", in_channels, 1, "an image has at least 1 channel")
    size = height_and_width(image_size)
    make = find_model(name)
    try:
        parameters = inspect.signature(make).parameters
    except ValueError:  # a built-in
        raise UnlearnableError(f"model={name!r} returns no torch.nn.Module.") from None
    offered = {"num_classes": num_classes, "in_channels": in_channels, "image_size": image_size}
    arguments = {key: value for key, value in offered.items() if key in parameters}
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        arguments["num_classes"] = num_classes  # torchvision's functions pass it on
    arguments |= model_args or {}
    try:
        inspect.signature(make).bind(**arguments)
    except TypeError as error:
        raise UnlearnableError(
            f"model={name!r} cannot be called with {arguments}: {error}. Change model_args."
        ) from None
    model = make(**arguments)
    if not isinstance(model, nn.Module):
        raise UnlearnableError(f"model={name!r} returns no torch.nn.Module, but {model!r}.")
    if not isinstance(next(model.children(), None), Normalize):
        model = nn.Sequential(Normalize(), model)
    image = (in_channels, *size)
    check_model(name, model, image, num_classes)
    return channels_last(model, image)


def find_model(name: str) -> Callable[..., nn.Module]:
    """The function or class behind a name of this package or an import path."""
    if not isinstance(name, str):
        raise UnlearnableError(
            f"model is an object of {type(name).__name__}, not text. Give an import path, such as "
            "'mynet.Net', and its arguments in model_args: checkpoints then hold no code."
        )
    module, _, attribute = name.rpartition(".")
    here = importlib.import_module(__package__)
    try:
        there = importlib.import_module(module) if module else here
        found: object = getattr(there, attribute)
    except (ImportError, AttributeError, TypeError) as error:  # TypeError: ./model.py
        raise UnlearnableError(
            f"model={name!r} is not found ({error}). Give one of {', '.join(here.NAMES)}, or the "
            "import path of a function or class that returns a torch.nn.Module."
        ) from None
    if not callable(found):
        raise UnlearnableError(f"model={name!r} is not a function or class.")
    return found
