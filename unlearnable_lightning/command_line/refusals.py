"""Which errors are the user's to mend: they end the command line with one line, not a traceback."""

import errno
import traceback

from lightning.pytorch.utilities.exceptions import MisconfigurationException

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.training import NonFiniteError

_NO_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOSPC, errno.EDQUOT)
# seen in Lightning 2.6 and fsspec 2026: a ckpt_path, a metric and a URL that are not there
_SAID_BY = (
    "lightning.pytorch.trainer.connectors.checkpoint_connector",
    "lightning.pytorch.callbacks.early_stopping",
    "fsspec.registry",
)


def refusal(error: BaseException) -> str | None:
    """One line that says what the user can do; None for an error that is a bug of somebody."""
    cause: BaseException | None = error
    while cause is not None:  # jsonargparse wraps what constructors raise
        if isinstance(cause, (UnlearnableError, NonFiniteError)):
            return str(cause)
        if isinstance(cause, ImportError) and raised_in(cause, ("lightning.", *_SAID_BY)):
            return " ".join(str(cause).split())  # a logger whose package is not installed
        cause = cause.__cause__
    if isinstance(error, OSError) and error.errno in _NO_PLACE and error.filename is not None:
        return (
            f"{error.filename} cannot be written ({error.strerror}). Make room, or choose "
            "another folder with the logger's save_dir or --trainer.default_root_dir."
        )
    misuse = isinstance(error, MisconfigurationException) and raised_in(error, ("lightning.",))
    if misuse or (isinstance(error, (ValueError, RuntimeError)) and raised_in(error, _SAID_BY)):
        return " ".join(str(error).split())
    return None


def raised_in(error: BaseException, modules: tuple[str, ...]) -> bool:
    """Whether the line that raised the error is of a module whose name begins with one of these."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and frames[-1].f_globals.get("__name__", "").startswith(modules)
