"""One LightningCLI: fit, validate, test and predict."""

import errno
import signal
import sys
from typing import Any

from lightning import LightningModule, Trainer
from lightning.pytorch.cli import ArgsType, LightningArgumentParser, SaveConfigCallback
from lightning.pytorch.utilities.exceptions import SIGTERMException

import unlearnable_lightning.data
import unlearnable_lightning.modules  # noqa: F401  short class names on the command line
from unlearnable_lightning.callbacks.run_folder import run_folder
from unlearnable_lightning.checkpoint_cli import DATA_FACTS, CheckpointCLI
from unlearnable_lightning.current_folder import current_folder_importable
from unlearnable_lightning.data import ImageDataModule
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.modules.base import ImageModule, NonFiniteError

_NO_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOSPC, errno.EDQUOT)


class FitConfig(SaveConfigCallback):
    """Writes `config.yaml` for `fit` alone, once nothing is left to refuse: a later `test` and a
    run that may not write into the folder leave that of the training in place."""

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Too early."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # not into `trainer.log_dir`, which some loggers share among all runs
        folder = run_folder(trainer)
        if folder is not None and trainer.is_global_zero:
            folder.mkdir(parents=True, exist_ok=True)
            path = str(folder / self.config_filename)
            self.parser.save(self.config, path, skip_none=False, overwrite=True)


class UnlearnableCLI(CheckpointCLI):
    """Model arguments that the data decides are taken from it."""

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        for fact in DATA_FACTS:
            parser.link_arguments(f"data.{fact}", f"model.init_args.{fact}", apply_on="instantiate")

    def setup_parser(self, *args: Any, **kwargs: Any) -> None:
        super().setup_parser(*args, **kwargs)
        self._subcommand_parsers["fit"].add_argument(
            "--test_after_fit",
            type=bool,
            default=False,
            help="Whether to go on with `test`: no second start, no checkpoint to name.",
        )

    def after_fit(self) -> None:
        """`--test_after_fit true`: tests the weights that `fit` ended with, and the best."""
        if self.config.fit.test_after_fit:
            self.trainer.test(self.model, datamodule=self.datamodule)


def main(args: ArgsType = None) -> None:
    """Runs the command line; bad input ends it with one line and exit status 1."""
    try:
        with current_folder_importable():
            UnlearnableCLI(
                ImageModule,
                ImageDataModule,
                subclass_mode_model=True,
                subclass_mode_data=True,
                auto_configure_optimizers=False,
                seed_everything_default=0,
                save_config_callback=FitConfig,
                save_config_kwargs={"overwrite": True},
                args=args,
            )
    except SIGTERMException:  # a SystemExit that would say 0, which a job queue takes for success
        sys.exit(128 + signal.SIGTERM)
    except ValueError as error:
        refusal: BaseException | None = error
        while refusal is not None and not isinstance(refusal, UnlearnableError):
            refusal = refusal.__cause__  # jsonargparse wraps what constructors raise
        if refusal is None:
            raise
        sys.exit(f"error: {refusal}")
    except NonFiniteError as error:
        sys.exit(f"error: {error}")
    except OSError as error:
        if error.errno not in _NO_PLACE or error.filename is None:
            raise
        sys.exit(
            f"error: {error.filename} cannot be written ({error.strerror}). Make room, or choose "
            "another folder with the logger's save_dir or --trainer.default_root_dir."
        )
