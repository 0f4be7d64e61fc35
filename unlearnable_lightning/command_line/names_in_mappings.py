"""`attack: {class_path: pgd, init_args: {…}}` in a YAML, and more arguments after it.

An argument that takes a name or a mapping takes the mapping as data, a dict: `pgd` is a name of a
room, and no import path. jsonargparse 4.53 takes it for one of its classes, which it keeps in
Namespaces, where a further `--model.X` makes it look whether a class has changed: it imports `pgd`,
which ends in a traceback.
"""

from typing import Any

from jsonargparse import Namespace
from jsonargparse._typehints import ActionTypeHint

_ACTION: Any = ActionTypeHint  # the name below is of jsonargparse 4.53, and has no types
_look_for_changes = _ACTION.discard_init_args_on_class_path_change


def accept_names() -> None:
    """Lets jsonargparse pass over mappings that are data."""
    _ACTION.discard_init_args_on_class_path_change = staticmethod(_look)


def _look(parser_or_action: Any, before: Any, now: Any) -> None:
    if isinstance(before, Namespace):
        classes = {key: each for key, each in vars(before).items() if not isinstance(each, dict)}
        before = Namespace(classes)
    _look_for_changes(parser_or_action, before, now)
