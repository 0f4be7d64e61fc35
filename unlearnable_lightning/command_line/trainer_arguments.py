"""Arguments of the Trainer: what it would take without a word, and what it refuses."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lightning.pytorch.utilities.exceptions import MisconfigurationException

from unlearnable_lightning.command_line.refusals import raised_in
from unlearnable_lightning.errors import UnlearnableError

_MOST_SEED = 2**32 - 1  # numpy takes no larger one
_HARDWARE = ("accelerator", "devices", "num_nodes", "strategy", "precision")
# Lightning 2.6 takes less: steps go uphill, or nothing is ever logged, scored or stepped
_LEAST = {
    "accumulate_grad_batches": 1,
    "check_val_every_n_epoch": 1,
    "gradient_clip_val": 0,
    "log_every_n_steps": 0,
    "min_epochs": 0,
    "min_steps": 0,
    "num_sanity_val_steps": -1,
    "reload_dataloaders_every_n_epochs": 0,
}
_BATCHES = {"validate": "val", "test": "test", "predict": "predict"}


def check_run_arguments(subcommand: str, command: Mapping[str, Any]) -> None:
    """Refuses a seed that no generator takes and numbers that Trainer accepts in silence.

    Raises:
        UnlearnableError: naming the argument, its value and the least that it may be.
    """
    seed, trainer = command["seed_everything"], command["trainer"]
    if not 0 <= int(seed) <= _MOST_SEED:
        raise UnlearnableError(f"seed_everything={seed}: a seed lies in [0, {_MOST_SEED}].")
    for name, least in _LEAST.items():
        if trainer[name] is not None and trainer[name] < least:
            raise UnlearnableError(f"trainer.{name}={trainer[name]}: it must be at least {least}.")
    name = f"limit_{_BATCHES.get(subcommand, 'no')}_batches"
    if trainer.get(name) == 0 and not trainer["fast_dev_run"]:
        raise UnlearnableError(
            f"trainer.{name}=0: there is nothing to {subcommand}. Leave it out for all batches."
        )


@contextmanager
def one_line_for_trainer(trainer: Mapping[str, Any]) -> Iterator[None]:
    """Around the construction of a Trainer: what Lightning itself refuses there becomes an
    UnlearnableError that names the arguments on which it depends."""
    try:
        yield
    except (MisconfigurationException, ValueError, TypeError, RuntimeError, ImportError) as error:
        if isinstance(error, UnlearnableError) or not raised_in(error, ("lightning.",)):
            raise
        given = {name: trainer.get(name) for name in _HARDWARE}
        named = [f"{name}={value}" for name, value in given.items() if value not in (None, "auto")]
        text = " ".join(str(error).split()).removesuffix(".")
        raise UnlearnableError(
            f"the Trainer refuses its arguments: {text} (trainer: {', '.join(named) or 'auto'}). "
            "accelerator=auto and devices=auto take what this machine has."
        ) from error
