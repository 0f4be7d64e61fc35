"""Folders of drawn shapes, and a call of the command as a user gives it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from unlearnable_lightning.__main__ import main
from unlearnable_lightning.data.shapes_images import CLASS_NAMES, draw_shapes

Call = Callable[..., str | int | None]


def shapes(root: Path, count: int, size: int, seed: int = 0, classes: int = 10) -> Path:
    """`count` drawn shapes of the first classes as root/<class>/<number>.png."""
    images, labels = draw_shapes(count, seed, size)
    for number, (image, label) in enumerate(zip(images, labels.tolist(), strict=True)):
        if label < classes:
            path = root / CLASS_NAMES[label] / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image.permute(1, 2, 0).numpy()).save(path)
    return root


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
