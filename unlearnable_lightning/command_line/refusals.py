"""Which errors are the user's to mend: they end the command line with one line, not a traceback."""

import errno
import traceback

from lightning.pytorch.utilities.exceptions import MisconfigurationException

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.modules.base import NonFiniteError

_NO_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOSPC, errno.EDQUOT)
_CHECKPOINTS = "lightning.pytorch.trainer.connectors.checkpoint_connector"


def refusal(error: BaseException) -> str | None:
    """One line that says what the user can do; None for an error that is a bug of somebody."""
    cause: BaseException | None = error
    while cause is not None:  # jsonargparse wraps what constructors raise
        if isinstance(cause, (UnlearnableError, NonFiniteError)):
            return str(cause)
        cause = cause.__cause__
    if isinstance(error, OSError) and error.errno in _NO_PLACE and error.filename is not None:
        return (
            f"{error.filename} cannot be written ({error.strerror}). Make room, or choose "
            "another folder with the logger's save_dir or --trainer.default_root_dir."
        )
    # seen in Lightning 2.6: the one is its word for misuse, the other what it says of ckpt_path
    misuse = isinstance(error, MisconfigurationException) and raised_in(error, "lightning.")
    if misuse or (isinstance(error, ValueError) and raised_in(error, _CHECKPOINTS)):
        return " ".join(str(error).split())
    return None


def raised_in(error: BaseException, module: str) -> bool:
    """Whether the line that raised the error is of a module whose name begins with this."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and frames[-1].f_globals.get("__name__", "").startswith(module)
