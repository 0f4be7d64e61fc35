"""Tables as text: the one place that lays out what `test` found, for a terminal or a page."""

from collections.abc import Iterable, Sequence

from unlearnable_lightning.report.test_result import WEIGHTS, AttackResult, Choice


def plain(table: Iterable[AttackResult], best: Choice | None = None, note: object = "") -> str:
    """For a terminal: a line per row, and below them what the weights are.

    Args:
        table: what `test` found.
        best: what chose the best weights; None for the usual choice.
        note: what else there is to say, as the last line; empty for nothing.
    """
    table = list(table)
    width = max(8, *(len(row.attack) + 1 for row in table))
    lines = [f"{'weights':8}{'attack':{width}}{'loss':>10}{'accuracy %':>12}{'error %':>10}"]
    lines += [
        f"{row.weights:8}{row.attack:{width}}{row.loss:10.4f}"
        f"{percent(row.accuracy, 2):>12}{percent(row.error, 2):>10}"
        for row in table
    ]
    names = dict.fromkeys(row.weights for row in table)
    lines += [f"{name}: {WEIGHTS[name].format(best or Choice())}" for name in names]
    return "\n".join([*lines, f"{note}."] if str(note) else lines)


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> str:
    """For a page: a Markdown table.

    Args:
        head: the titles of its columns.
        rows: as many texts each.
        numbers: so many columns at the end hold numbers, which stand on the right.
    """
    rule = ["---"] * (len(head) - numbers) + ["---:"] * numbers
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def percent(share: float, digits: int = 1) -> str:
    """A share in [0, 1] as per cent, without the sign."""
    return f"{100 * share:.{digits}f}"


def attack_title(attack: str) -> str:
    """What the test images are under an attack: `none` gives clean images."""
    return "clean images" if attack == "none" else attack.upper()
