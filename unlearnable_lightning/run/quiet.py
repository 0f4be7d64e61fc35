"""Warnings of Lightning 2.6 that nobody can act on."""

import warnings

_NOT_SHOWN = (
    # epochs are logged, not steps
    ".*smaller than the logging interval.*",
    # it is that of the run which goes on; a folder of another run is refused (`run/folder.py`)
    "Checkpoint directory .* exists and is not empty.*",
    # `val_size: 0` asks for no validation
    "Total length of .* across ranks is zero.*",
    # Lightning walks its batches with a class of torch's that torch is giving up
    ".*LeafSpec.*is deprecated.*",
    # such an epoch goes on at the batch where it was left (`run/open_epoch.py`)
    ".*checkpoint that ended before the epoch ended.*",
    # noise in closed form has nothing to optimize
    ".*configure_optimizers.*returned `None`.*",
    # and nothing to validate
    "You passed in a `val_dataloader` but have no `validation_step`.*",
    # whole batches come out of memory: workers would only copy them between processes
    ".*does not have many workers.*",
)


def quiet_lightning() -> None:
    """Silences these warnings for the process, and no others.

    To be called when a Trainer takes a module up (`configure_callbacks`), which is before the
    first of them; a process that only builds a module keeps its filters. Twice costs nothing:
    Python moves a filter that is there already to the front.
    """
    for message in _NOT_SHOWN:
        warnings.filterwarnings("ignore", message)
