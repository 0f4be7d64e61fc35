"""The command line and a checkpoint: what the user gives wins, the rest is the checkpoint's."""

import importlib
from typing import Any

from jsonargparse import Namespace
from lightning.pytorch.cli import ArgsType, LightningArgumentParser, LightningCLI

from unlearnable_lightning.command_line.checkpoint_words import WORDS
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.run.checkpoint_io import SafeCheckpointIO
from unlearnable_lightning.run.past_run import PastRun
from unlearnable_lightning.run.trust import arguments_to_take

DATA_FACTS = ("num_classes", "in_channels", "image_size")


class CheckpointCLI(LightningCLI):
    """Takes from a checkpoint the module's arguments that neither the command line nor a config
    file gives. Lightning does it the other way round: it merges the checkpoint's arguments, names
    of classes included, over those of the user."""

    past: PastRun | None = None
    ckpt_path: Any = None

    def parse_arguments(self, parser: LightningArgumentParser, args: ArgsType) -> None:
        """Also merges the arguments of the checkpoint, and refuses one that does not fit them."""
        super().parse_arguments(parser, args)
        command = self.config[self.config.subcommand]
        read: Any = parser.parse_object if isinstance(args, dict) else parser.parse_args
        given = read(args, defaults=False)[self.config.subcommand]
        self.given = dict(vars(given.get("model.init_args") or Namespace()))
        # Lightning, which reads the file right after this, finds no path
        self.ckpt_path = command.pop("ckpt_path")
        if not self.ckpt_path or self.ckpt_path in WORDS:
            return
        self.past = PastRun.of(SafeCheckpointIO().load_checkpoint(self.ckpt_path), self.ckpt_path)
        module = _imported(command.model.class_path)
        self.past.check_class(module)
        self.past.check_fixed(module.fixed, self.given)
        if self.config.subcommand == "fit":
            self.past.check_seed(given.get("seed_everything"))
        take = arguments_to_take(self.past, module, {*self.given, *DATA_FACTS})
        model = {"class_path": command.model.class_path, "init_args": take}
        self.config = parser.parse_object({self.config.subcommand: {"model": model}}, self.config)

    def before_instantiate_classes(self) -> None:
        """Gives `ckpt_path` back, now that Lightning reads no arguments from it any more."""
        self.config[self.config.subcommand]["ckpt_path"] = self.ckpt_path

    def after_instantiate_classes(self) -> None:
        """What only the data and the Trainer know is compared before they do or write anything."""
        for name in set(DATA_FACTS) & set(self.given):
            if self.given[name] != self.model.hparams[name]:
                raise UnlearnableError(
                    f"model.{name}={self.given[name]}: the data has {self.model.hparams[name]}, "
                    f"and decides it. Leave model.{name} out."
                )
        if self.past is not None:
            self.past.check_fixed(self.model.fixed, self.model.hparams)
            if self.subcommand == "fit":
                self.past.check_resume(self.trainer.max_epochs, self.model.hparams)


def _imported(class_path: str) -> Any:
    module, _, name = class_path.rpartition(".")
    return getattr(importlib.import_module(module), name)
