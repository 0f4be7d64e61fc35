"""What jsonargparse refuses, in one sentence with the nearest word that would have been right.

jsonargparse nests its reasons in indented lines. The functions here read the texts of version
4.53; a text that none of them knows is given as it is, on one line.
"""

import re
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from jsonargparse import ArgumentParser

from unlearnable_lightning.command_line.known_classes import known_classes, nearest
from unlearnable_lightning.command_line.types import classes_in, plain

_KEY = re.compile(r'Parser key "([^"]+)"')
_NO_ARGUMENT = re.compile(r"given class_path '([\w.]+)':\s+Option '([^']+)' is not accepted")
_LACKS = re.compile(r"given class_path '([\w.]+)':\s+the following arguments are required: (.*)")
_NO_CLASS = re.compile(
    r"Expected a dot import path string: (?P<word>\S+)"
    r"|given class_path '(?P<path>[^']+)':\s+(?P<why>[^\n]+)"
)
_TYPES = re.compile(r"Subtypes: (\[.*\])")
# the last of several that were tried: `(?!…)` keeps two of them out of one
_ONE_TYPE = re.compile(r"Expected an? ((?:(?!Expected an? ).)+?)\. Got value: (.*)", re.DOTALL)
_VALUE = re.compile(r"Given value: (?:NestedArg\(key='[^']*', val='?(.*?)'?\)|(.*))$", re.M)


def sentence(message: str, parser: Any) -> str:
    """`message` of the parser in a sentence or two that begin with the argument."""
    for kind in (_subcommand, _option, _missing, _argument_of_class, _wrong_class, _wrong_type):
        said = kind(message, parser)
        if said:
            return said
    message = message.replace('Parser key "config":', "-c:")
    return " ".join(_KEY.sub(r"--\1", message).split()).removesuffix(".") + "."


def _subcommand(message: str, parser: Any) -> str:
    if "subcommand" not in message or parser._subcommands_action is None:
        return ""
    choices = list(parser._subcommands_action.choices)
    given = re.search(r"invalid choice: '([^']+)'", message)
    if given:
        said = f"{given[1]} is no subcommand.{nearest(given[1], choices)}"
    elif "not provided" in message:
        said = "a subcommand is missing."
    else:
        return ""
    return f"{said} There are {', '.join(choices)}."


def _option(message: str, parser: Any) -> str:
    unknown = re.match(r"unrecognized arguments: (\S+)", message)
    if not unknown:
        return ""
    word = unknown[1].partition("=")[0]
    options = _options(parser)
    parent = getattr(parser, "parent_parser", None)
    if parent is not None and word.lstrip("-") in parser.others:
        return f"{word} is no option of {parser.prog.split()[-1]}; it is one of another subcommand."
    return f"{word} is no option.{nearest(word, options)}"


def _options(parser: Any) -> list[str]:
    return [each for action in parser._actions for each in action.option_strings]


def _missing(message: str, parser: Any) -> str:
    names = re.match(r"the following arguments are required: (.*)", message)
    if not names:
        return ""
    options = [f"--{name.rpartition('.')[2]}" for name in names[1].split(", ")]
    if "--config" not in (there := _options(parser)):  # a plain command, which may name places
        needed = [f"--{name}" if f"--{name}" in there else name for name in names[1].split(", ")]
        return f"{' and '.join(needed)} must be given."
    return f"{' and '.join(options)} must be given, on the command line or in a config (-c FILE)."


def _argument_of_class(message: str, parser: Any) -> str:
    key = ".".join(_KEY.findall(message))
    for path, name in _NO_ARGUMENT.findall(message)[-1:]:
        owner = path.rpartition(".")[2]
        if name in ("class_path", "init_args"):
            return f"--{key} takes class_path and init_args, and nothing beside them."
        return (
            f"--{key}: {owner} has no argument {name}.{nearest(name, _arguments(path))} "
            f"--{key}.help {owner} lists them."
        )
    for path, names in _LACKS.findall(message)[-1:]:
        owner = path.rpartition(".")[2]
        return f"--{key} {owner}: {names.strip()} must be given, such as --{key}.{names.strip()} …."
    return ""


def _arguments(path: str) -> Sequence[str]:
    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(_imported(path), fail_untyped=False)
    return [action.dest for action in parser._actions]


def _wrong_class(message: str, parser: Any) -> str:
    found = list(_NO_CLASS.finditer(message))
    if not found or _KEY.search(message[found[-1].start() :]):  # a key in it: an argument is wrong
        return ""
    word, why = found[-1]["word"] or found[-1]["path"], found[-1]["why"]
    types = _TYPES.findall(message)[-1:]
    names = _names(types[0]) if types else _of_help(message, parser)
    if not names:
        return ""
    reason = f"{why.strip()}." if why else "there is no such class."
    key = ".".join(_KEY.findall(message)) or message.lstrip("-").partition(":")[0]
    return f"--{key} {word}: {reason}{nearest(word.rpartition('.')[2], names)} {_known(names)}."


def _of_help(message: str, parser: Any) -> list[str]:
    option = message.partition(":")[0]
    hints = [each._typehint for each in parser._actions if option in each.option_strings]
    bases = [base for hint in hints for base in classes_in(hint)]
    return sorted({name for base in bases for name in known_classes(base)})


def _names(types: str) -> list[str]:
    """Of the classes below those in jsonargparse's list of types."""
    paths = re.findall(r"\b[a-z]\w*(?:\.\w+)*\.[A-Z]\w*", types)
    bases = {_imported(path) for path in paths if not path.startswith(("collections.", "typing."))}
    return sorted({name for base in bases for name in known_classes(base)})


def _imported(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def _known(names: Sequence[str]) -> str:
    return f"Known: {', '.join(names)}, or the import path of another"


def _wrong_type(message: str, parser: Any) -> str:
    keys = _KEY.findall(message)
    one, several = _ONE_TYPE.search(message), _TYPES.findall(message)
    if not keys or not (one or several):
        return ""
    if one:
        types, value = one[1], one[2].splitlines()[0]
    else:
        nested, plainly = _VALUE.findall(message)[0]  # the first is the innermost
        types, value = several[-1][1:-1], nested or plainly
    names = _names(types)
    known = f" {_known(names)}." if names else ""
    return f"--{'.'.join(keys)} {value}: it must be {plain(types)}.{known}"
