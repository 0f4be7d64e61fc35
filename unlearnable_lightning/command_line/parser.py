"""The parser: one line for what it refuses, and where help is."""

import sys
from typing import Any, NoReturn

from lightning.pytorch.cli import LightningArgumentParser

from unlearnable_lightning.command_line.config_file import (
    being_read,
    help_command,
    mapping,
    without_foreign_keys,
)
from unlearnable_lightning.command_line.help_text import HelpText
from unlearnable_lightning.command_line.messages import sentence
from unlearnable_lightning.errors import UnlearnableError


class UnlearnableParser(LightningArgumentParser):
    """Options are written out in full: a part of a name that fits today fits two tomorrow.

    Attributes:
        others: arguments that only other subcommands have.
    """

    def __init__(self, *args: Any, description: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", HelpText)
        super().__init__(*args, description=description, allow_abbrev=False, **kwargs)
        self.others: set[str] = set()

    def parse_string(self, content: str, *args: Any, **kwargs: Any) -> Any:
        """Reads a config without the keys that only other subcommands know."""
        # jsonargparse 4.53 has no public name for the subcommands of a parser
        file, subcommands = being_read.get() or "the config", self._subcommands_action
        if subcommands is None:
            content = without_foreign_keys(content, self, self.others)
        elif not set(mapping(content, file)) <= set(subcommands.choices):
            raise UnlearnableError(
                f"{file} is given before the subcommand. Give it after: {self.prog} fit -c {file}."
            )
        return super().parse_string(content, *args, **kwargs)

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Ends with status 2 and one line; jsonargparse 4.53 prints 60 lines of usage first."""
        if not self.exit_on_error:  # a parser within a parser: the outer one says it
            super().error(message, ex)
        parser = getattr(ex, "subcommand_parser", None) or self
        file = being_read.get()
        where = f"{file}: " if file else ""
        text = f"{where}{sentence(message, parser)} See {help_command(parser)}."
        sys.stderr.write(f"error: {text}\n")
        self.exit(2)
