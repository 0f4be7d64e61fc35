"""Which callbacks a module brings to a Trainer, and which of the Trainer's own they replace."""

from collections.abc import Sequence
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Callback, ModelCheckpoint


def missing_callbacks(trainer: L.Trainer, callbacks: Sequence[Callback]) -> list[Callback]:
    """Those whose class the Trainer does not have yet: a second `fit` of it brings them again."""
    inside: Any = trainer  # Lightning 2.6 declares no type for its callbacks
    there = {type(callback) for callback in inside.callbacks}
    return [callback for callback in callbacks if type(callback) not in there]


def replace_default_checkpoints(
    trainer: L.Trainer, checkpoints: Sequence[ModelCheckpoint]
) -> list[Callback]:
    """`checkpoints` in place of the Trainer's default one; nothing if the user chose any, or none.

    To be called in `configure_callbacks`, whose result the Trainer adds.
    """
    chosen = trainer.checkpoint_callbacks
    if not chosen or not all(_is_default(each) for each in chosen):
        return []
    # left to it, the Trainer would print that they override the default: nobody can act on that
    take_out(trainer, chosen)
    return list(checkpoints)


def take_out(trainer: L.Trainer, callbacks: Sequence[Callback]) -> None:
    """Takes these callbacks out of a Trainer. To be called in `configure_callbacks`.

    Lightning 2.6 has no call for it; the list is built anew, because the Trainer may share the old
    one with whoever gave it.
    """
    inside: Any = trainer
    inside.callbacks = [each for each in inside.callbacks if each not in callbacks]


def _is_default(checkpoint: Any) -> bool:
    """Whether it is as the Trainer of Lightning 2.6 makes it if it is given none."""
    return (
        isinstance(checkpoint, ModelCheckpoint)
        and not checkpoint.monitor
        and not checkpoint.filename
        and not checkpoint.save_last
        and checkpoint.dirpath is None
    )
