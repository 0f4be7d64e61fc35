"""Views: what becomes of an image before noise is laid on it."""

from typing import Any

import torch
from torch import Tensor, nn

from unlearnable_lightning.by_name import Spec, build
from unlearnable_lightning.data import ImageDataModule
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.run import datamodule_of

ROOM = "unlearnable_lightning.augment"


class Views(nn.Sequential):
    """Augmentations in the order of application, in float32 whatever the Trainer's precision.

    Args:
        specs: names of `unlearnable_lightning.augment`, import paths, or {class_path, init_args};
            None for plain images.

    Raises:
        UnlearnableError: no such augmentation, or arguments that it does not take.
    """

    def __init__(self, specs: list[Spec] | None = None) -> None:
        super().__init__(*(build(spec, ROOM, "views", nn.Module) for spec in specs or []))

    def forward(self, images: Tensor) -> Tensor:
        """Views [B, C, H, W] in [0, 1] of images of that shape."""
        if not len(self):
            return images
        # near white, bfloat16 has no two values closer than a grey level
        with torch.autocast(images.device.type, enabled=False):
            sequence: Any = super()  # torch gives it no types
            views: Tensor = sequence.forward(images)
            return views

    @staticmethod
    def refuse_augment(trainer: Any) -> None:
        """Refuses augmentations of the data module, which would come before those of the method.

        Raises:
            UnlearnableError: the data module has some.
        """
        data = datamodule_of(trainer)
        if isinstance(data, ImageDataModule) and len(data.augment):
            names = ", ".join(type(each).__name__ for each in data.augment)
            raise UnlearnableError(
                f"data.augment is {names}, but a generator has its images plain and makes its own "
                "views of them. Give them as model.views, a list of names or of "
                "{class_path, init_args}, and leave data.augment out."
            )
