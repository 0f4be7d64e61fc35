"""What a generator refuses, because its rounds would not be those of Algorithm 1."""

from typing import Any

from lightning.pytorch.callbacks import BatchSizeFinder, LearningRateFinder

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.run.callbacks import take_out
from unlearnable_lightning.run.open_epoch import made_between_epochs


def refuse_finders(trainer: Any) -> None:
    """Refuses Lightning's Tuner: each of its trials would sweep over all images.

    Raises:
        UnlearnableError: a learning-rate or batch-size finder is in a `fit`.
    """
    finders = [c for c in trainer.callbacks if isinstance(c, (BatchSizeFinder, LearningRateFinder))]
    if finders and trainer.state.fn == "fit":
        take_out(trainer, finders)
        raise UnlearnableError(
            f"{type(finders[0]).__name__} cannot run on a generator: each trial would change the "
            "noise of all images. Find lr on a ClassifierModule of the same model; the sweep's "
            "batch is sweep_batch_size."
        )


def refuse_broken_round(
    trainer: Any, checkpoint: dict[str, Any], point: dict[str, Any] | None
) -> None:
    """Refuses a checkpoint from which a run would not come to the noise of an unbroken one.

    Args:
        trainer: of the resumed run.
        checkpoint: its content.
        point: what `open_epoch.settle` gave for it.

    Raises:
        UnlearnableError: it was made in the middle of a sweep or of a step, in a round of several
            devices or by an older version, or `max_steps` leaves no room for its sweep.
    """
    if made_between_epochs(checkpoint):
        return
    reason = None
    if point is None:
        reason = "by a version that kept too little of it"
    elif point["in_sweep"] or point["in_step"]:
        reason = "within its sweep" if point["in_sweep"] else "within a model step"
    elif max(point["ranks"], trainer.world_size) > 1:
        reason = "and rounds of several devices are taken up from their end alone"
    elif trainer.max_steps != -1 and checkpoint["global_step"] >= trainer.max_steps:
        reason = (
            f"before its sweep, and max_steps={trainer.max_steps} ends the run before that: give "
            "--trainer.max_epochs instead"
        )
    if reason:
        rounds = checkpoint["noise"]["rounds"]
        raise UnlearnableError(
            f"the checkpoint was made in the middle of round {rounds + 1}, {reason}. Resume from "
            "one that was made at the end of a round, such as last.ckpt."
        )
