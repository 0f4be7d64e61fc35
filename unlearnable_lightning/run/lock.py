"""One run per folder."""

from typing import Any

import lightning as L
from filelock import BaseFileLock, FileLock, Timeout
from lightning.pytorch.callbacks import Callback

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.run.folder import another_folder, run_folder


class RunLock(Callback):
    """Holds the run folder while `fit` runs; the system lets go of it if the process is killed.

    Two runs that start in the same second are given the same folder by the logger.

    Raises:
        UnlearnableError: another run is at work in the folder, or it cannot be written to.
    """

    def __init__(self) -> None:
        self.lock: BaseFileLock | None = None

    def setup(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Takes the folder."""
        folder = run_folder(trainer)
        if stage != "fit" or folder is None:
            return
        refusal = None
        if trainer.is_global_zero:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                self.lock = FileLock(folder / ".lock", timeout=0)
                self.lock.acquire()
            except Timeout:
                refusal = f"another run is at work in {folder}. Wait for its end"
            except OSError as error:
                refusal = f"{folder} cannot be written to ({error.strerror or error})"
        refusal = trainer.strategy.broadcast(refusal)
        if refusal:
            raise UnlearnableError(f"{refusal}, or {another_folder(trainer)}.")

    def teardown(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Lets go of it."""
        self._release()

    def on_exception(self, trainer: L.Trainer, pl_module: Any, exception: BaseException) -> None:
        """Lets go of it: after an exception Lightning 2.6 calls no `teardown`."""
        self._release()

    def _release(self) -> None:
        if self.lock is not None:
            self.lock.release()
            self.lock = None
