"""One LightningCLI: fit, validate, test and predict."""

import signal
import sys

from lightning import LightningModule, Trainer
from lightning.pytorch.cli import (
    ArgsType,
    LightningArgumentParser,
    LightningCLI,
    SaveConfigCallback,
)
from lightning.pytorch.utilities.exceptions import SIGTERMException

import unlearnable_lightning.data
import unlearnable_lightning.modules  # noqa: F401  short class names on the command line
from unlearnable_lightning.data import ImageDataModule
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.modules.base import ImageModule


class FitConfig(SaveConfigCallback):
    """Writes `config.yaml` for `fit` alone: a later `test` leaves that of the training in place."""

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        if stage == "fit":
            super().setup(trainer, pl_module, stage)


class UnlearnableCLI(LightningCLI):
    """Model arguments that the data decides are taken from it."""

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        for fact in ("num_classes", "in_channels", "image_size"):
            parser.link_arguments(f"data.{fact}", f"model.init_args.{fact}", apply_on="instantiate")


def main(args: ArgsType = None) -> None:
    """Runs the command line; bad input ends it with one line and exit status 1."""
    try:
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
