"""Packages whose names are imported when the first of them is used.

torch takes 2 seconds to import, Lightning with torchmetrics 4 more: `--version`, plain commands and
pure functions do not wait for what they do not use.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def lazy(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """`__getattr__` and `__dir__` of a package.

    Args:
        package: its `__name__`. What its `__all__` lists and the package itself does not have
            comes from its `face.py`. Its submodules are attributes too, as if it had imported them.
    """
    names: dict[str, Any] = vars(sys.modules[package])

    def of_face_or_submodule(name: str) -> Any:
        if name in names["__all__"]:
            names[name] = getattr(import_module(f"{package}.face"), name)
            return names[name]
        if not name.startswith("_") and find_spec(f"{package}.{name}") is not None:
            return import_module(f"{package}.{name}")
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return of_face_or_submodule, lambda: sorted({*names, *names["__all__"]})
