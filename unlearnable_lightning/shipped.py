"""The configs that travel with the package: a user names them from any folder."""

import difflib
from pathlib import Path, PurePath

from unlearnable_lightning.errors import UnlearnableError

_HERE = Path(__file__).parent


def config_folder() -> Path:
    """Where they are: within an installed package, beside the package in a checkout."""
    inside = _HERE / "configs"
    return inside if inside.is_dir() else _HERE.parent / "configs"


def config_names() -> list[str]:
    """What `-c` calls them, such as `noise/cifar10_lsp.yaml`, in the order of the alphabet."""
    folder = config_folder()
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml"))


def find_config(name: str) -> Path:
    """The file of a config.

    Args:
        name: one of `config_names()`; `configs/` may stand before it, as in a checkout.

    Raises:
        UnlearnableError: no config has this name; the message has the nearest.
    """
    short = PurePath(name).as_posix().removeprefix("configs/")
    names = config_names()
    if short in names:
        return config_folder() / short
    word = PurePath(short).stem
    near = [each for each in names if len(word) > 2 and word in each]
    near += difflib.get_close_matches(short, names, n=3)
    alike = " or ".join(list(dict.fromkeys(near))[:3])
    raise UnlearnableError(
        f"{name} is no file of this folder and no config of the package."
        f"{f' Did you mean {alike}?' if alike else ''} `unlearnable configs` lists those."
    )
