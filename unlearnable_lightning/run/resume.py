"""A run that goes on from a checkpoint: what is behind it, and whether anything is left."""

from collections.abc import Callable, Mapping
from typing import Any, TypedDict

import lightning as L
from lightning.pytorch.utilities import rank_zero_info

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.run.ending import Ending
from unlearnable_lightning.run.open_epoch import settle
from unlearnable_lightning.run.past_run import PastRun
from unlearnable_lightning.run.retune import retune


class Behind(TypedDict):
    """What a run that goes on has behind it.

    Attributes:
        epochs: whole epochs.
        steps: optimizer steps.
        point: the place in an epoch that is open (`open_epoch.settle`); None between two epochs.
    """

    epochs: int
    steps: int
    point: dict[str, Any] | None


def take_up(
    checkpoint: dict[str, Any], path: Any, max_epochs: int | None, arguments: Mapping[str, Any]
) -> tuple[PastRun, Behind]:
    """The run behind a checkpoint, whose counters are set so that it goes on where it was left.

    Args:
        checkpoint: its content, changed in place before the Trainer reads it.
        path: of it.
        max_epochs: of the Trainer.
        arguments: of the module that goes on.

    Raises:
        UnlearnableError: the run is ahead of `max_epochs`, or at it with other arguments.
    """
    point = settle(checkpoint)
    past = PastRun.of(checkpoint, path)
    past.check_resume(max_epochs, arguments)
    return past, {"epochs": past.epochs or 0, "steps": checkpoint["global_step"], "point": point}


def say_if_done(
    trainer: L.Trainer, behind: Behind | None, ending: Callable[[int, int], Ending | None]
) -> None:
    """Says so if nothing is left of a run that goes on. To be called in `on_fit_start`.

    Args:
        trainer: of this fit.
        behind: what the checkpoint has behind it; None if none was given.
        ending: by which rule a run ends after so many epochs and steps.

    Raises:
        UnlearnableError: no checkpoint was given, and this Trainer has trained to its end before.
    """
    # Lightning 2.6 has no public count of whole epochs: `current_epoch` is another in a callback
    done: Any = trainer.fit_loop.epoch_progress.current
    end = (
        ending(done.processed, trainer.global_step)
        if behind is None
        else ending(behind["epochs"], behind["steps"])
    )
    if end is None:
        return
    if behind is None:
        raise UnlearnableError(
            f"nothing would be trained: {end.rule}. To go on, {end.go_on}, or take a new "
            "Trainer for a new run."
        )
    rank_zero_info(f"Nothing is left to do: {end.rule}. To go on, {end.go_on}.")


def retune_optimizers(trainer: L.Trainer, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Lets optimizers that a checkpoint restored take over the arguments of the run that goes on.

    Args:
        trainer: its optimizers and their schedules are changed in place.
        old: arguments of the run before.
        new: those of this run.
    """
    schedules = {
        id(each.scheduler.optimizer): each.scheduler for each in trainer.lr_scheduler_configs
    }
    for optimizer in trainer.optimizers:
        retune(optimizer, schedules.get(id(optimizer)), old, new, trainer.global_step)
