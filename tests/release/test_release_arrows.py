"""What the rooms of pixels and releases may import of this package."""

import ast
from pathlib import Path

import pytest

import unlearnable_lightning

PACKAGE = Path(unlearnable_lightning.__file__).parent
ALLOWED = {
    "pixels": {"pixels", "errors"},
    "release": {"release", "pixels", "errors", "files", "rows"},
}


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    files = sorted((PACKAGE / room).glob("*.py"))
    assert len(files) > 2
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(name.split(".")[0] == "lightning" for name in names), file.name
            ours = {
                name.split(".")[1] for name in names if name.startswith("unlearnable_lightning.")
            }
            assert ours <= ALLOWED[room], f"{file.name} imports {ours - ALLOWED[room]}"
            assert "unlearnable_lightning" not in names, f"{file.name} imports the face"
