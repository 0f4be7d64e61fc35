"""New names: the old ones with another suffix, and never two alike."""

from pathlib import Path

import pytest

from unlearnable_lightning.protect.names import new_names
from unlearnable_lightning.protect.words import shown


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["c/a.jpg", "c/b.PNG"], ["c/a.png", "c/b.png"]),
        (["c/a.jpg", "d/a.jpg"], ["c/a.png", "d/a.png"]),
        (["c/a.jpg", "c/a.png"], ["c/a.jpg.png", "c/a.png"]),
        (["c/a.jpg", "c/a.tif"], ["c/a.jpg.png", "c/a.tif.png"]),
        (["c/a.JPG", "c/A.jpg"], ["c/a.JPG-2.png", "c/A.jpg.png"]),
        (["c/a.jpg", "c/a.jpg.png", "c/a.gif"], ["c/a.jpg-2.png", "c/a.jpg.png", "c/a.gif.png"]),
        (["c/é.jpg", "c/e\u0301.gif"], ["c/é.jpg.png", "c/e\u0301.gif.png"]),
        (["c/a.jpg", "c/a.png/b.jpg"], ["c/a.jpg.png", "c/a.png/b.png"]),  # a folder of that name
        (["c/two.dots.jpg", "c/none"], ["c/two.dots.png", "c/none.png"]),
    ],
)
def test_names(old: list[str], new: list[str]) -> None:
    found = new_names([Path(name) for name in old], ".png")
    assert [str(name) for name in found.values()] == new
    assert [str(path) for path in found] == old


def test_a_name_is_one_line_and_commands_nothing() -> None:
    assert shown("a\nb\x1b[31mé\u2028.png") == "a\\nb\\x1b[31mé\\u2028.png"
