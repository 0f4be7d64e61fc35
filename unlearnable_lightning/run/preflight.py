"""What a run is refused for before its first file, from the Trainer's settings and the data."""

from typing import Any

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.run.folder import check_local


def check_trainer(trainer: Any) -> None:
    """Called before loggers open their files.

    Raises:
        UnlearnableError: nothing would be trained, or the run would write to a URL.
    """
    check_local(trainer)
    if trainer.state.fn != "fit" or trainer.fast_dev_run:
        return
    for name in ("max_epochs", "max_steps", "limit_train_batches"):
        if getattr(trainer, name) == 0:
            raise UnlearnableError(
                f"{name}={getattr(trainer, name)}: nothing would be trained, and nothing written. "
                f"Give --trainer.{name} at least 1, or use fast_dev_run to try one batch."
            )


def check_precision(trainer: Any) -> None:
    """Called before the model is moved to its device.

    Raises:
        UnlearnableError: a precision in which the weights themselves are not float32.
    """
    precision = str(trainer.precision)
    if precision.endswith("-true") and precision != "32-true":
        raise UnlearnableError(
            f"trainer.precision={precision} is not supported: images become float32 on the device. "
            "Give bf16-mixed, 16-mixed or 32-true."
        )


def check_ranks(trainer: Any) -> None:
    """Called once the data is read.

    Raises:
        UnlearnableError: a device would have no image of a set that this command goes through.
    """
    datamodule = trainer.datamodule
    validated = ("val", "poisoned_val")
    stages = {"fit": ("train", *validated), "validate": validated, "test": ("test",)}
    stages["predict"] = ("test",) if getattr(datamodule, "predict_on", "") == "test" else ("train",)
    for part in stages.get(str(trainer.state.fn.value), ("train",)):
        images = getattr(datamodule, f"{part}_set", None)
        if part in validated and trainer.limit_val_batches == 0:
            continue
        if images is not None and len(images) < trainer.world_size:
            raise UnlearnableError(
                f"{len(images)} {part} images for {trainer.world_size} devices: each needs one at "
                f"least. Give --trainer.devices {len(images)} or fewer, or more images."
            )
