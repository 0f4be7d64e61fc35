"""The one stop rule: by what a run ends, after so many epochs and optimizer steps."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ending:
    """Attributes:
    rule: what ends the run, such as `max_epochs=2 is reached`.
    go_on: what to give to go on.
    """

    rule: str
    go_on: str


def can_stop_early(trainer: Any, epochs: int, steps: int) -> bool:
    """Whether the Trainer's `min_epochs` and `min_steps` let a run end before its limits."""
    return epochs >= (trainer.min_epochs or 0) and steps >= (trainer.min_steps or 0)


def ending_of(trainer: Any, epochs: int, steps: int) -> Ending | None:
    """The Trainer's rule by which the run ends here, or None if it goes on.

    Args:
        trainer: its limits, and whether something told it to stop.
        epochs: epochs that are behind, those of an earlier run too.
        steps: optimizer steps that are behind.
    """
    if trainer.max_epochs not in (None, -1) and epochs >= trainer.max_epochs:
        return Ending(
            f"max_epochs={trainer.max_epochs} is reached",
            f"give --trainer.max_epochs more than {epochs}",
        )
    if trainer.max_steps != -1 and steps >= trainer.max_steps:
        return Ending(
            f"max_steps={trainer.max_steps} is reached",
            f"give --trainer.max_steps more than {steps}",
        )
    if trainer.should_stop and can_stop_early(trainer, epochs, steps):
        return Ending(
            "the Trainer was told to stop",
            "change what told it to (max_time, an EarlyStopping or another callback)",
        )
    return None
