"""Noise is made for images that have none."""

from unlearnable_lightning.data import ImageDataset
from unlearnable_lightning.errors import UnlearnableError


def refuse_noise(train_set: ImageDataset) -> None:
    """Refuses training images that noise is laid on.

    Raises:
        UnlearnableError: `data.noise` is given.
    """
    if train_set.noise is not None:
        raise UnlearnableError(
            "data.noise is given, but this generator makes noise of its own for clean images. "
            "Leave data.noise out, or the checkpoint."
        )
