"""What a data module asks of the module that it serves."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from unlearnable_lightning.errors import UnlearnableError


@dataclass(frozen=True)
class TrainingPlan:
    """How a module goes through the training images.

    Attributes:
        batches: of an epoch; None for one pass.
        seed: of their order, the same on all devices.
        own_images: whether a device draws from its own share of images that are not in memory, the
            same in every epoch (`data.share`); else from all images.
        every_image: whether the module works on all training images and on no others: none may be
            held out, and `predict` goes over them.
    """

    batches: int | None = None
    seed: int = 0
    own_images: bool = False
    every_image: bool = False

    def check_images(self, poisoned_val_size: int | float, on_test_images: bool) -> None:
        """Refuses what leaves a module without images that it needs.

        Args:
            poisoned_val_size: how many training images are held out.
            on_test_images: whether this is a `predict` that goes over the test images.

        Raises:
            UnlearnableError: it needs all training images, or no others.
        """
        if self.every_image and poisoned_val_size:
            raise UnlearnableError(
                f"poisoned_val_size={poisoned_val_size}: noise is made for all training images, so "
                "none can be held out. Give it when a victim is trained on the noise."
            )
        if self.every_image and on_test_images:
            raise UnlearnableError(
                "predict_on=test: a generator poisons training images. Leave predict_on out, or "
                "give a victim (--model ClassifierModule)."
            )


@runtime_checkable
class HasTrainingPlan(Protocol):
    """A module that has a plan; one pass in an order drawn from seed 0 serves the others."""

    def training_plan(self) -> TrainingPlan:
        """The plan of the run that begins or goes on."""
