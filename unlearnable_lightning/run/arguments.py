"""What a module was made of: its class and the arguments of its constructor."""

from typing import Any

import lightning as L


def class_path(module: object) -> str:
    """The import path of the class of an object, as a YAML names it."""
    return f"{type(module).__module__}.{type(module).__qualname__}"


def plain_hparams(module: L.LightningModule) -> dict[str, Any]:
    """The arguments of a module's constructor.

    Lightning 2.6 keeps what its command line adds to them, such as `_class_path`, in the same
    dict, with an underscore before its name; that is left out.
    """
    hparams = module.hparams.items()
    return {str(name): value for name, value in hparams if not str(name).startswith("_")}
