"""The images that a Trainer was given."""

from collections.abc import Mapping
from typing import Any

import lightning as L

from unlearnable_lightning.data import ImageDataModule
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.run import datamodule_of


def data_module(trainer: L.Trainer) -> ImageDataModule | None:
    """The data module, if it is one of ours; None for one of the user's own, or plain loaders."""
    given = datamodule_of(trainer)
    return given if isinstance(given, ImageDataModule) else None


def check_images(trainer: L.Trainer, hparams: Mapping[str, Any]) -> None:
    """Refuses images that the module is not built for.

    Args:
        trainer: with its data module, if it has one of ours.
        hparams: arguments of the module, `in_channels` and `num_classes` among them.

    Raises:
        UnlearnableError: other channels, or more classes than the module has outputs.
    """
    data = data_module(trainer)
    if data is None:
        return
    given, built = data.in_channels, hparams["in_channels"]
    if given != built:
        raise UnlearnableError(
            f"the data has in_channels={given}, the module is built for in_channels={built}. "
            f"Give it other images, or build it with in_channels={given} and train it."
        )
    given, built = data.num_classes, hparams["num_classes"]
    if given > built:
        raise UnlearnableError(
            f"the data has num_classes={given}, the module is built for num_classes={built}. "
            f"Build it with num_classes={given} and train it."
        )
