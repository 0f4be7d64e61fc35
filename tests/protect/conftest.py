"""Folders of drawn shapes, and a call of the command as a user gives it."""

import sys
from pathlib import Path

import pytest
from protect_call import Call, shapes

from unlearnable_lightning.__main__ import main


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes of six pictures, 24×24."""
    return shapes(tmp_path / "in", 60, 24, classes=2)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls `unlearnable protect` with quick noise and no check; returns its exit status."""

    def run(*arguments: str | Path) -> str | int | None:
        words = [str(each) for each in arguments]
        quick = {"--method": "SignClasswise", "--image_size": "16", "--check": "false"}
        more = [w for name, value in quick.items() if name not in words for w in (name, value)]
        monkeypatch.setattr(sys, "argv", ["unlearnable", "protect", *words, *more])
        try:
            main()
        except SystemExit as end:
            return end.code
        return 0

    return run
