"""`attack: {class_path: pgd, init_args: {…}}`: an argument that takes a name or a mapping takes the
mapping as data, a dict, from which the module builds what it names.

jsonargparse 4.53 would build it itself where it lies in another mapping and `class_path` is an
import path: the module then got an object, which no checkpoint keeps. And it takes the dict for one
of its classes, which it keeps in Namespaces, where a further `--model.X` makes it look whether a
class has changed: it imports `pgd`, which ends in a traceback.
"""

from typing import Any

from jsonargparse import Namespace, set_parsing_settings
from jsonargparse._typehints import ActionTypeHint

_ACTION: Any = ActionTypeHint  # the name below is of jsonargparse 4.53, and has no types
_look_for_changes = _ACTION.discard_init_args_on_class_path_change


def leave_mappings_alone() -> None:
    """Lets jsonargparse pass over mappings that are data."""
    set_parsing_settings(instantiate_subclass_spec_in_any=False)
    _ACTION.discard_init_args_on_class_path_change = staticmethod(_look)


def as_data(value: Any) -> Any:
    """The value of an argument; what lies in a mapping of it are mappings as well."""
    if isinstance(value, list):
        return [as_data(each) for each in value]
    return _within(value) if isinstance(value, dict) else value


def _within(value: Any) -> Any:
    if isinstance(value, Namespace):
        value = value.as_dict()
    if isinstance(value, dict):
        return {key: _within(each) for key, each in value.items()}
    return [_within(each) for each in value] if isinstance(value, list) else value


def _look(parser_or_action: Any, before: Any, now: Any) -> None:
    if isinstance(before, Namespace):
        classes = {key: each for key, each in vars(before).items() if not isinstance(each, dict)}
        before = Namespace(classes)
    _look_for_changes(parser_or_action, before, now)
