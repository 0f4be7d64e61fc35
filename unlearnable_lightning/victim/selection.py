"""By what the epochs are chosen that `test` shows beside the last: all from one training."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.report.test_result import KNEE, fixed_epoch
from unlearnable_lightning.run import BestCheckpoint
from unlearnable_lightning.victim.validation import VAL_NAMES, val_names

Word = Literal["clean", "poisoned", "knee", "epoch_1", "epoch_2", "epoch_3", "epoch_4", "epoch_5"]
BestBy = Word | list[Word]  # an argument of `ClassifierModule`
WORDS = get_args(Word)
FIXED = {word: int(word[-1]) for word in WORDS if word.startswith("epoch_")}


def words_of(best_by: Any) -> tuple[str, ...]:
    """The words of an argument `best_by`, a word or a list of them.

    Raises:
        UnlearnableError: an empty list, another word, or one of them twice.
    """
    words = (best_by,) if isinstance(best_by, str) else best_by
    if not isinstance(words, Sequence) or not words or len(set(map(str, words))) < len(words):
        raise UnlearnableError(
            f"best_by={best_by!r}: give one of {', '.join(WORDS)}, or a list of some of them, each "
            "once."
        )
    for word in words:
        if word not in WORDS:
            raise UnlearnableError(
                f"best_by={word!r}: give {', '.join(WORDS[:-1])} or {WORDS[-1]}."
            )
    return tuple(words)


def best_checkpoints(trainer: Any, words: Sequence[str]) -> list[BestCheckpoint]:
    """`best.ckpt` by the first word, `best_<word>.ckpt` by each of the others; none where a
    validation runs that does not score it.

    Args:
        trainer: it has its data module, whose images need not be read yet.
        words: of `WORDS`.

    Raises:
        UnlearnableError: a training that is to choose by poisoned images and holds out none, or one
            that ends before an epoch that it is to keep.
    """
    found = []
    for number, word in enumerate(words):
        monitor = _validated(trainer, word) if word in VAL_NAMES else _of_training(trainer, word)
        if monitor is not None:
            name = "best" if number == 0 else f"best_{word}"
            found.append(BestCheckpoint(monitor, name, after_training=word not in VAL_NAMES))
    return found


def _of_training(trainer: Any, word: str) -> str:
    if word == "knee":
        return KNEE
    number, epochs = FIXED[word], trainer.max_epochs
    fits = trainer.state.fn == "fit" and not trainer.fast_dev_run  # which keeps no checkpoints
    if fits and epochs is not None and 0 <= epochs < number:
        raise UnlearnableError(
            f"best_by={word}: the training ends after trainer.max_epochs={epochs}. Give an epoch "
            "that it has, or more epochs."
        )
    return fixed_epoch(number)


def _validated(trainer: Any, word: str) -> str | None:
    names, name = val_names(trainer), VAL_NAMES[word]
    if word == "poisoned" and name not in names and trainer.state.fn == "fit":
        raise UnlearnableError(
            "best_by=poisoned chooses by held-out training images, and none are held out. Give "
            "--data.poisoned_val_size, such as 0.1, or --model.best_by clean."
        )
    return f"{name}_accuracy" if name in names or not names else None


def chosen_in_training(words: Sequence[str], accuracy: Tensor, epoch: int) -> dict[str, Tensor]:
    """What an epoch is chosen by that no validation chooses, by the names that are logged. Each
    climbs up to the epoch that is meant and no further, so that this one stays the best.

    Args:
        words: of `WORDS`.
        accuracy: of the training in this epoch.
        epoch: its number, from 0.
    """
    found = {KNEE: up_to_knee(accuracy)} if "knee" in words else {}
    for word, number in FIXED.items():
        if word in words:
            found[fixed_epoch(number)] = accuracy.new_tensor(min(epoch + 1.0, number))
    return found


def up_to_knee(accuracy: Tensor) -> Tensor:
    """What the knee is chosen by: training accuracy that counts up to 0.9 and no further, so that
    the first epoch that reaches it stays the best."""
    return accuracy.clamp(max=0.9)
