"""What a victim is validated on, and by which of it the best weights are chosen."""

from typing import Any

from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.errors import UnlearnableError

VAL_NAMES = {"clean": "val", "poisoned": "poisoned_val"}  # of `best_by` → of the logged scores


def val_names(trainer: Any) -> tuple[str, ...]:
    """The names of the validation loaders, in their order; `val` for a loader of the user's."""
    data = trainer.datamodule
    return data.val_names if isinstance(data, ImageDataModule) else ("val",)


def best_monitor(trainer: Any, best_by: str) -> str | None:
    """What `best.ckpt` is chosen by; None where a validation runs that does not score it.

    Args:
        trainer: it has its data module, whose images need not be read yet.
        best_by: `clean` or `poisoned`.

    Raises:
        UnlearnableError: a training that is to choose by poisoned images and holds out none.
    """
    names, name = val_names(trainer), VAL_NAMES[best_by]
    if best_by == "poisoned" and name not in names and trainer.state.fn == "fit":
        raise UnlearnableError(
            "best_by=poisoned chooses by held-out training images, and none are held out. Give "
            "--data.poisoned_val_size, such as 0.1, or --model.best_by clean."
        )
    return f"{name}_accuracy" if name in names or not names else None
