"""One LightningCLI: fit, validate, test and predict."""

import signal
import sys
from importlib.metadata import version
from typing import Any

from jsonargparse import Namespace
from lightning import LightningModule, Trainer
from lightning.pytorch.cli import ArgsType, LightningArgumentParser, SaveConfigCallback
from lightning.pytorch.utilities.exceptions import SIGTERMException

import unlearnable_lightning.augment
import unlearnable_lightning.data.face
import unlearnable_lightning.noise.face
import unlearnable_lightning.victim  # noqa: F401  short class names on the command line
from unlearnable_lightning.command_line.adverts import silence_adverts
from unlearnable_lightning.command_line.checkpoint_arguments import DATA_FACTS, CheckpointCLI
from unlearnable_lightning.command_line.checkpoint_words import WORDS, check_word
from unlearnable_lightning.command_line.config_file import ConfigFile
from unlearnable_lightning.command_line.current_folder import current_folder_importable
from unlearnable_lightning.command_line.help_text import DESCRIPTION, EXAMPLES, SUBCOMMANDS
from unlearnable_lightning.command_line.names_in_mappings import as_data, leave_mappings_alone
from unlearnable_lightning.command_line.numbers_in_yaml import accept_numbers
from unlearnable_lightning.command_line.parser import UnlearnableParser
from unlearnable_lightning.command_line.plain import plain_help
from unlearnable_lightning.command_line.refusals import refusal
from unlearnable_lightning.command_line.trainer_arguments import (
    check_run_arguments,
    one_line_for_trainer,
)
from unlearnable_lightning.data import ImageDataModule
from unlearnable_lightning.run.folder import run_folder


class FitConfig(SaveConfigCallback):
    """Writes `config.yaml` for `fit` alone, once nothing is left to refuse: a later `test` and a
    run that may not write into the folder leave that of the training in place."""

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        """Too early."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Writes it, on rank 0."""
        # not into `trainer.log_dir`, which some loggers share among all runs
        folder = run_folder(trainer)
        if folder is not None and trainer.is_global_zero:
            folder.mkdir(parents=True, exist_ok=True)
            path = str(folder / self.config_filename)
            self.parser.save(self.config, path, skip_unset=False, overwrite=True)


class UnlearnableCLI(CheckpointCLI):
    """Model arguments that the data decides are taken from it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        given = kwargs["args"]
        words = vars(given) if isinstance(given, Namespace) else given
        self._named = set(sys.argv[1:] if words is None else words)
        super().__init__(*args, **kwargs)

    def _prepare_subcommand_parser(
        self, klass: type, subcommand: str, **kwargs: Any
    ) -> LightningArgumentParser:
        """As in LightningCLI 2.6; a subcommand that is not named has the arguments of its own
        alone: those of model, data and Trainer take 40 ms for each of four."""
        self._whole = subcommand in self._named
        return super()._prepare_subcommand_parser(klass, subcommand, **kwargs)

    def _add_arguments(self, parser: LightningArgumentParser) -> None:
        if self._whole:
            super()._add_arguments(parser)

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Links what the data decides to the model."""
        for fact in DATA_FACTS:
            parser.link_arguments(f"data.{fact}", f"model.init_args.{fact}", apply_on="instantiate")

    def init_parser(self, **kwargs: Any) -> LightningArgumentParser:
        """As in LightningCLI, whose `-c` becomes a `ConfigFile`."""
        parser = self.parser_class(**kwargs)
        parser.add_argument(
            "-c", "--config", action=ConfigFile, help="Path of a YAML; a later one adds to it."
        )
        return parser

    def setup_parser(self, *args: Any, **kwargs: Any) -> None:
        """Adds `--test_after_fit`, and what each subcommand does to the list of them."""
        super().setup_parser(*args, **kwargs)
        self._subcommand_parsers["fit"].add_argument(  # `_subcommand_parsers` is of Lightning 2.6
            "--test_after_fit",
            type=bool,
            default=False,
            help="Whether to go on with `test`: no second start, no checkpoint to name.",
        )
        parsers: Any = self._subcommand_parsers.values()
        every = {action.dest for parser in parsers for action in parser._actions}
        for parser in parsers:
            parser.others = every - {action.dest for action in parser._actions}
        choices: Any = self.parser._subcommands_action
        for each in choices._choices_actions:  # jsonargparse 4.53
            each.help = SUBCOMMANDS[each.dest]

    def after_fit(self) -> None:
        """`--test_after_fit true`: tests the weights that `fit` ended with, and the best."""
        if self.config.fit.test_after_fit:
            self.trainer.test(self.model, datamodule=self.datamodule)

    def parse_arguments(self, parser: LightningArgumentParser, args: ArgsType) -> None:
        """Also refuses what needs no data to be seen to be wrong."""
        super().parse_arguments(parser, args)
        command = self.config[self.config.subcommand]
        check_run_arguments(self.config.subcommand, command)
        if self.ckpt_path in WORDS:
            check_word(self.ckpt_path, command.trainer.callbacks)

    def before_instantiate_classes(self) -> None:
        """Gives the module mappings as dicts, those within mappings too."""
        super().before_instantiate_classes()
        arguments = self.config[self.config.subcommand].model.get("init_args") or Namespace()
        for name, value in vars(arguments).items():
            arguments[name] = as_data(value)

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        """As in LightningCLI; what the Trainer refuses is one line."""
        with one_line_for_trainer(self.config[self.config.subcommand].trainer):
            return super().instantiate_trainer(**kwargs)


def main(args: ArgsType = None) -> None:
    """Runs the command line; bad input ends it with one line and exit status 1 or, where the
    parser refuses it, 2."""
    accept_numbers()
    leave_mappings_alone()
    silence_adverts()
    try:
        with current_folder_importable():
            UnlearnableCLI(
                LightningModule,
                ImageDataModule,
                subclass_mode_model=True,
                subclass_mode_data=True,
                auto_configure_optimizers=False,
                seed_everything_default=0,
                save_config_callback=FitConfig,
                save_config_kwargs={"overwrite": True},
                parser_class=UnlearnableParser,
                parser_kwargs={
                    "prog": "unlearnable",
                    "description": DESCRIPTION,
                    "epilog": EXAMPLES + plain_help(),
                    "version": version("unlearnable-lightning"),
                    **{name: {"description": text} for name, text in SUBCOMMANDS.items()},
                },
                args=args,
            )
    except SIGTERMException:  # a SystemExit that would say 0, which a job queue takes for success
        sys.exit(128 + signal.SIGTERM)
    except Exception as error:
        text = refusal(error)
        if text is None:
            raise
        sys.exit(f"error: {text}")
