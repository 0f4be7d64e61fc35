"""The API reference: every public name of every room, a page per room."""

import importlib
import inspect
import pkgutil
from pathlib import PurePath
from types import ModuleType

import unlearnable_lightning


def rooms() -> list[str]:
    """The packages that export names, as import paths; the face of all first."""
    top = unlearnable_lightning.__name__
    walk = pkgutil.walk_packages(unlearnable_lightning.__path__, f"{top}.")
    packages = sorted(info.name for info in walk if info.ispkg)
    return [name for name in [top, *packages] if _public(importlib.import_module(name))]


def reference_pages() -> dict[str, str]:
    """Paths below docs/, and the Markdown of their pages."""
    modules = {room: importlib.import_module(room) for room in rooms()}
    return {page_of(room): _page(module, list(modules)) for room, module in modules.items()}


def page_of(room: str) -> str:
    """Path of a room's page below docs/."""
    inner = room.removeprefix(unlearnable_lightning.__name__).strip(".")
    return PurePath("reference", f"{inner or 'index'}.md").as_posix()


def identifier(module: ModuleType, name: str) -> str:
    """Where a public name is defined, which is its anchor on the site."""
    home = str(getattr(getattr(module, name), "__module__", ""))
    ours = home.startswith(unlearnable_lightning.__name__)  # an alias of a type is of no module
    return f"{home if ours else module.__name__}.{name}"


def _page(module: ModuleType, all_rooms: list[str]) -> str:
    """A name is described in the innermost room that has it; others refer to that."""
    short = module.__name__.removeprefix(f"{unlearnable_lightning.__name__}.")
    front = f"---\ntitle: {short}\n---"  # in nav the whole path would be cut off
    parts = [front, f"# `{module.__name__}`", inspect.cleandoc(module.__doc__ or "")]
    for name in sorted(_public(module), key=str.lower):
        path = identifier(module, name)
        homes = [room for room in all_rooms if path.startswith(f"{room}.") and _has(room, name)]
        if module.__name__ == max([*homes, module.__name__], key=len):
            parts.append(f"::: {path}")
        else:
            parts.append(f"## {name}\n\n[`{path}`][{path}]")
    return "\n\n".join(parts) + "\n"


def _has(room: str, name: str) -> bool:
    return name in _public(importlib.import_module(room))


def _public(module: ModuleType) -> list[str]:
    return list(getattr(module, "__all__", []))
