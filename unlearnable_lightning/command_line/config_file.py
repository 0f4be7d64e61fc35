"""A YAML given by `-c`: it is read whole or refused by name, with the key that is wrong."""

import os
from contextvars import ContextVar
from typing import Any

import yaml
from jsonargparse import ActionConfigFile

from unlearnable_lightning.command_line.known_classes import nearest
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.shipped import find_config

being_read: ContextVar[str | None] = ContextVar("being_read", default=None)


class ConfigFile(ActionConfigFile):
    """Finds the configs of the package, and remembers which file is being read, for whoever refuses
    something in it."""

    def __call__(self, parser: Any, cfg: Any, values: Any, option_string: Any = None) -> None:
        """Reads the file, as jsonargparse does; a file of the current folder wins."""
        try:
            file = file_of(values)
        except UnlearnableError as error:
            parser.error(str(error).removesuffix("."))  # status 2, as for every wrong argument
        token = being_read.set(values)
        try:
            action: Any = super()  # jsonargparse 4.53 gives it no types
            action.__call__(parser, cfg, file, option_string)
        except UnicodeDecodeError as error:
            raise UnlearnableError(
                f"{values} is no text file ({error}). A config is YAML, in UTF-8."
            ) from error
        finally:
            being_read.reset(token)


def file_of(value: str) -> str:
    """The file that a value of `-c` names; a value that holds YAML itself stays as it is.

    Raises:
        UnlearnableError: there is no such file, and no such config of the package.
    """
    if os.path.exists(value) or not _is_name(value):
        return value
    return str(find_config(value))


def _is_name(value: str) -> bool:
    try:
        return isinstance(yaml.safe_load(value), str)
    except yaml.YAMLError:
        return False


def without_foreign_keys(content: str, parser: Any, others: set[str]) -> str:
    """The content of a config without the keys that only other subcommands know, so that the
    `config.yaml` of a `fit` serves `test` too.

    Raises:
        UnlearnableError: no YAML, no mapping, or a key that no subcommand knows.
    """
    file = being_read.get() or "the config"
    tree = mapping(content, file)
    known = {action.dest for action in parser._actions}
    for key in _keys(tree, file):
        if key not in known | others:
            alike = [each for each in known if each.count(".") == key.count(".")]
            raise UnlearnableError(
                f"{file}: there is no argument {key}.{nearest(key, alike)} "
                f"See {help_command(parser)}."
            )
    if others.isdisjoint(tree):
        return content
    known_here: str = yaml.safe_dump({key: tree[key] for key in tree if key not in others})
    return known_here


def help_command(parser: Any) -> str:
    """What a user types for the help of this parser."""
    return f"{parser.prog} --help".replace(" [options]", "")


def mapping(content: str, file: str) -> dict[str, Any]:
    """The YAML that a config holds.

    Raises:
        UnlearnableError: no YAML, nothing in it, or no mapping.
    """
    try:
        tree = yaml.safe_load(content)
    except yaml.YAMLError as error:
        why = " ".join(str(error).replace('in "<unicode string>", ', "").split())
        raise UnlearnableError(f"{file} is no YAML: {why}") from error
    if not isinstance(tree, dict) or not tree:
        what = f"holds {str(tree)[:40]!r}" if tree else "is empty"
        raise UnlearnableError(
            f"{file} {what}; a config is a mapping with keys such as model, data and trainer."
        )
    return tree


def _keys(tree: dict[str, Any], file: str) -> list[str]:
    """Those of the mapping and of `trainer` in it; `model` and `data` depend on their class."""
    trainer = tree.get("trainer", {})
    if not isinstance(trainer, dict):
        raise UnlearnableError(
            f"{file}: trainer holds {str(trainer)[:40]!r}; it is a mapping such as max_epochs: 60."
        )
    keys = [*map(str, tree), *(f"trainer.{key}" for key in trainer)]
    return [key.removesuffix("+") for key in keys if key != "trainer"]
