"""Plain commands: `unlearnable NAME …` calls a typed function of `commands/`."""

import inspect
import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, NoReturn

from jsonargparse import ArgumentParser

from unlearnable_lightning.errors import UnlearnableError

_ROOM = "unlearnable_lightning.commands"
_DATA_HELP = (
    "Whose images: a data module as for `fit`, such as --data NPZDataModule --data.path FILE.npz, "
    "or the config of a run, --data RUN/config.yaml."
)


class PlainParser(ArgumentParser):
    """A parser that ends with status 2 and one line."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """jsonargparse 4.53 prints the usage first."""
        if not self.exit_on_error:
            super().error(message, ex)
        line = " ".join(message.split()).removesuffix(".")
        sys.stderr.write(f"error: {line}. See {self.prog} --help.\n")
        self.exit(2)


def plain_commands() -> list[str]:
    """Names of the commands: the files of the room."""
    spec = find_spec(_ROOM)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return [each.name for each in iter_modules(spec.submodule_search_locations)]


def plain_help() -> str:
    """What each command does, a line for each, for the help of them all."""
    lines = [f"  {name:<10} {_summary(_function(name))}" for name in plain_commands()]
    return "\n".join(["\nplain commands (unlearnable NAME --help):", *lines, ""])


def run_plain(name: str, arguments: Sequence[str]) -> None:
    """Calls the command; bad input ends it with one line and status 1, or 2 from the parser.

    Args:
        name: one of `plain_commands()`.
        arguments: what follows it on the command line.
    """
    function = _function(name)
    helps = not {"-h", "--help"}.isdisjoint(arguments)
    try:
        parser = _parser(function, name, helps)
        given = parser.parse_args(_data_of_config(arguments))
        function(**parser.instantiate(given).as_dict())
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has read enough; Python would complain when it flushes
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except UnlearnableError as error:
        sys.exit(f"error: {error}")
    except Exception as error:
        from unlearnable_lightning.command_line.refusals import refusal

        text = refusal(error)
        if text is None:
            raise
        sys.exit(f"error: {text}")


def _function(name: str) -> Callable[..., None]:
    """The file of a command defines one public function, of its own name."""
    function: Callable[..., None] = vars(import_module(f"{_ROOM}.{name}"))[name]
    return function


def _summary(function: Callable[..., None]) -> str:
    return " ".join((inspect.getdoc(function) or "").partition("\n\n")[0].split())


def _parser(function: Callable[..., None], name: str, helps: bool) -> ArgumentParser:
    """Of a function; its argument `data`, if it has one, takes a data module."""
    settings: dict[str, Any] = {"prog": f"unlearnable {name}", "description": _summary(function)}
    takes_data = "data" in inspect.signature(function).parameters
    if not takes_data or helps:  # nothing here that waits for torch
        parser: ArgumentParser = PlainParser(**settings, allow_abbrev=False)
    else:
        from unlearnable_lightning.command_line.numbers_in_yaml import accept_numbers
        from unlearnable_lightning.command_line.parser import UnlearnableParser

        accept_numbers()
        parser = UnlearnableParser(**settings)
    parser.add_function_arguments(function, skip={"data"}, as_positional=True)
    _free_words(parser)
    if takes_data and helps:
        parser.add_argument("--data", help=_DATA_HELP)
    elif takes_data:
        from unlearnable_lightning.data import ImageDataModule

        parser.add_subclass_arguments(ImageDataModule, "data", required=True, help=_DATA_HELP)
    return parser


def _free_words(parser: ArgumentParser) -> None:
    """`--from` is the argument `from_`: Python keeps the word for itself."""
    for action in parser._actions:
        for option in [each for each in action.option_strings if each.endswith("_")]:
            word = option.rstrip("_")
            action.option_strings = [word]
            action.metavar = action.metavar or word.lstrip("-").upper()
            del parser._option_string_actions[option]
            parser._option_string_actions[word] = action


def _data_of_config(arguments: Sequence[str]) -> list[str]:
    """`--data RUN/config.yaml` stands for what that file says of the data."""
    given = list(arguments)
    for place, word in enumerate(given[:-1]):
        if word == "--data" and given[place + 1].endswith((".yaml", ".yml")):
            given[place + 1] = json.dumps(_data_in(given[place + 1]))
    return given


def _data_in(path: str) -> Any:
    from unlearnable_lightning.command_line.config_file import file_of, mapping

    try:
        with open(file_of(path), encoding="utf-8") as file:
            tree = mapping(file.read(), path)
    except OSError as error:
        raise UnlearnableError(f"--data {path} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise UnlearnableError(f"--data {path} is no text file ({error}).") from error
    if "data" not in tree and "class_path" not in tree:
        raise UnlearnableError(
            f"--data {path}: it has no key data (but {', '.join(map(str, tree))}). Give the config "
            "of a run, or a data module such as NPZDataModule."
        )
    return tree.get("data", tree)
