"""The YAML files of a grid."""

from pathlib import Path
from typing import Any

import yaml

from unlearnable_lightning.errors import UnlearnableError


def read_yaml(file: Path) -> dict[str, Any]:
    """What a file says, by key.

    Raises:
        UnlearnableError: it is not there, or is no YAML of keys and values.
    """
    try:
        given = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnlearnableError(
            f"{file}: cannot be read ({error.strerror}): name a YAML as in experiments/grids."
        ) from error
    except yaml.YAMLError as error:
        raise UnlearnableError(f"{file}: is no YAML, mend it: {error}") from error
    if not isinstance(given, dict):
        raise UnlearnableError(
            f"{file}: holds {given!r}: give `key: value` as in experiments/grids."
        )
    return given
