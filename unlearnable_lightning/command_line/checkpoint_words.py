"""`--ckpt_path best` and `last`: words of Lightning's that a process of its own cannot resolve."""

from collections.abc import Sequence
from typing import Any

from unlearnable_lightning.errors import UnlearnableError

WORDS = ("best", "last", "hpc")


def check_word(word: str, callbacks: Sequence[Any] | None) -> None:
    """Refuses a word that names no checkpoint: Lightning 2.6 goes on with untrained weights.

    `last` and `hpc` go on to Lightning where the user has callbacks of their own, of which one
    may know the place.

    Raises:
        UnlearnableError: naming the file to give instead.
    """
    if word == "best" or (word == "last" and not callbacks):
        raise UnlearnableError(
            f"ckpt_path={word}: which checkpoint that is only the run that wrote it knows. Give "
            f"the file, such as RUN/checkpoints/{word}.ckpt."
        )
