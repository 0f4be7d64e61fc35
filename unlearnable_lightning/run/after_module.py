"""Callbacks that come after the module at the end of an epoch."""

from lightning.pytorch.callbacks import Checkpoint


class AfterModule(Checkpoint):
    """A callback whose `on_train_epoch_end` runs after the module's own: what the module makes of
    an epoch is done by then.

    Lightning 2.6 runs callbacks before the module, except those that are a `Checkpoint` or an
    `EarlyStopping`; it has no other way to ask for that.
    """
