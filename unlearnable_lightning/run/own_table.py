"""A table of its own in place of the one that the Trainer prints."""

import lightning as L


def replace_test_table(trainer: L.Trainer) -> bool:
    """Keeps `test` from printing the Trainer's table; whether it would have printed one.

    To be called before the end of `test`. In Lightning 2.6 `trainer.test(verbose=False)` is the
    only word for it, and it is the user's to say: it ends up in the loop.
    """
    asked_for: bool = trainer.test_loop.verbose
    trainer.test_loop.verbose = False
    return asked_for
