"""Whether what was read can be trained on."""

from lightning.pytorch.utilities import rank_zero_warn
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import Release
from unlearnable_lightning.rows import AnyRows


def check_shape(name: str, images: AnyRows, facts: tuple[int, int, int]) -> None:
    """One model takes training and test images.

    Args:
        name: of the images, such as `cifar10/test`.
        images: [N, C, H, W].
        facts: C, H, W of the training images.

    Raises:
        UnlearnableError: these are others.
    """
    here = tuple(images.shape[1:])
    if here != facts:
        raise UnlearnableError(
            f"{name}: images have C×H×W {here}, where training images have "
            f"{facts}. Make them alike: a grey image becomes a colour image by "
            "repeating its channel, another size by resizing."
        )


def check_classes(name: str, labels: Tensor) -> None:
    """Refuses images of one class.

    Raises:
        UnlearnableError: all labels are the same.
    """
    if len(labels.unique()) == 1:
        raise UnlearnableError(
            f"{name}: all {len(labels)} images have the label {int(labels[0])}. With one class "
            "there is nothing to learn and nothing to make unlearnable; give images of at least 2 "
            "classes."
        )


def warn_of_unfinished(path: str | None, noise: Release | None) -> None:
    """Says that a noise file comes from a run that was interrupted."""
    if noise is not None and not noise.finished:
        rounds = noise.made_by.get("rounds", 0)
        rank_zero_warn(
            f"noise={path} is unfinished: its run was interrupted after {rounds} whole "
            "rounds, so it protects less than it would. Resume that run from its "
            "checkpoints/last.ckpt and train on what it makes then, or take the numbers of "
            "this training for noise in the making."
        )
