"""The data module of a Trainer."""

from typing import Any

import lightning as L


def datamodule_of(trainer: L.Trainer) -> Any:
    """What the Trainer was given as `datamodule`; None if it was given loaders or nothing.

    Lightning 2.6 declares no such attribute and sets it when a data module is attached.
    """
    return getattr(trainer, "datamodule", None)
