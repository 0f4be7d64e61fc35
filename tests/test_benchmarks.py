"""The scale of the benchmarks: who runs when, what is counted, where the table goes."""

import time

from benchmarks.__main__ import NAMES, PAGE, replace
from benchmarks.side_by_side import side_by_side, table


def test_contestants_take_turns_and_the_first_turn_does_not_count() -> None:
    calls: list[str] = []

    def contestant(name: str, seconds: float) -> None:
        calls.append(name)
        time.sleep(seconds)

    seconds = side_by_side(
        {name: lambda name=name, s=s: contestant(name, s) for name, s in (("a", 0), ("b", 0.05))},
        turns=3,
    )
    assert "".join(calls) == "abbaabba"
    assert {name: len(each) for name, each in seconds.items()} == {"a": 3, "b": 3}
    assert min(seconds["b"]) >= 0.05


def test_a_row_gives_the_rate_and_the_median_of_the_ratios() -> None:
    seconds = {"slow": [2.0, 4.0, 2.0], "fast": [1.0, 1.0, 0.5]}
    rows = table("title", seconds, images=100, against="slow").splitlines()
    assert rows[2] == "| slow | 50.0 | 1.00 | 1.00 to 1.00 |"
    assert rows[3] == "| fast | 100 | 4.00 | 2.00 to 4.00 |"


def test_the_page_has_a_place_for_every_table() -> None:
    page = PAGE.read_text()
    for name in NAMES:
        assert replace(page, name, "a table").count("a table") == page.count("a table") + 1
    changed = replace("x <!-- pgd -->\nold\n<!-- end --> y <!-- end -->", "pgd", "new")
    assert changed == "x <!-- pgd -->\nnew\n<!-- end --> y <!-- end -->"
