"""Who may import whom: the table of docs/design.md holds, and rooms meet by typed contracts."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "unlearnable_lightning"


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


SOURCES = [path for path in sorted(PACKAGE.rglob("*.py")) if room_of(path) != "__init__"]
every_source = pytest.mark.parametrize(
    "path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE))
)


def arrows() -> dict[str, set[str]]:
    """Rows of the table `| room | may import | idea |` in docs/design.md."""
    text = (ROOT / "docs" / "design.md").read_text()
    table = text.split("| room | may import |")[1].split("\n\n")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    return {room.strip(" `"): set(re.findall(r"`(\w+)`", allowed)) for room, allowed in rows}


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Line and room of everything that a file imports from the package, within functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write imports from the top"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == PACKAGE.name and len(parts) > 1:
                yield node.lineno, parts[1]


def test_the_table_has_every_room_and_no_other() -> None:
    assert set(arrows()) == {room_of(path) for path in SOURCES}


@every_source
def test_imports_follow_the_arrows(path: Path) -> None:
    room = room_of(path)
    allowed = {room, *arrows()[room]}
    assert not [f"line {line}: {other}" for line, other in imports(path) if other not in allowed]


def test_the_arrows_have_no_circle() -> None:
    left = arrows()
    while left:
        free = {room for room, allowed in left.items() if not allowed & set(left)}
        assert free, f"a circle among {sorted(left)}"
        left = {room: allowed for room, allowed in left.items() if room not in free}


@every_source
def test_no_attribute_is_asked_for_by_its_name(path: Path) -> None:
    """What one room needs of another is in a signature. `run` and `command_line` look into objects
    of Lightning and jsonargparse, whose types do not say what they have."""
    if room_of(path) in ("run", "command_line"):
        return
    asked = [
        f"line {node.lineno}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("getattr", "hasattr", "setattr")
        and isinstance(node.args[1], ast.Constant)
        and not (isinstance(node.args[0], ast.Name) and node.args[0].id == "self")
    ]
    assert not asked
