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

    def check_gradient(self, shape: tuple[int, ...]) -> None:
        """Refuses views that no gradient comes back through, for a method whose noise lies below
        them.

        Args:
            shape: of an image, C, H, W.

        Raises:
            UnlearnableError: the pixels of four random images get no gradient, or 0 for all.
        """
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            torch.manual_seed(0)
            images = torch.rand(4, *shape, requires_grad=True)
            views = self(images)
            if views.requires_grad:
                (gradient,) = torch.autograd.grad(views.square().sum(), images)
                if gradient.any():
                    return
        names = ", ".join(type(each).__name__ for each in self)
        raise UnlearnableError(
            f"model.views is {names}, through which no gradient comes back, but the noise of this "
            "method is laid on the images before the views and moves by it. Leave out what rounds "
            "pixels; RandomCropFlip can be differentiated."
        )

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
