"""Tables as text: the one place that lays out what `test` found, for a terminal or a page."""

from collections.abc import Iterable, Mapping, Sequence

from unlearnable_lightning.report.test_result import AttackResult, Choice, weights_words


def plain(
    table: Iterable[AttackResult],
    choices: Mapping[str, Choice] | None = None,
    note: object = "",
) -> str:
    """For a terminal: a line per row, and below them what the weights are.

    Args:
        table: what `test` found.
        choices: what chose weights, by their name; the usual choice for a name that is not there.
        note: what else there is to say, as the last line; empty for nothing.
    """
    table = list(table)
    first, width = (max(8, *(len(each) + 1 for each in names)) for names in _columns(table))
    lines = [f"{'weights':{first}}{'attack':{width}}{'loss':>10}{'accuracy %':>12}{'error %':>10}"]
    lines += [
        f"{row.weights:{first}}{row.attack:{width}}{row.loss:10.4f}"
        f"{percent(row.accuracy, 2):>12}{percent(row.error, 2):>10}"
        for row in table
    ]
    names = dict.fromkeys(row.weights for row in table)
    lines += [f"{name}: {weights_words(name, choices or {})}" for name in names]
    return "\n".join([*lines, f"{note}."] if str(note) else lines)


def _columns(table: Sequence[AttackResult]) -> tuple[list[str], list[str]]:
    return [row.weights for row in table], [row.attack for row in table]


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
    """What the test images are under an attack: `none` gives clean images, `pgd steps=40` PGD and
    the settings."""
    name, space, settings = attack.partition(" ")
    return "clean images" if attack == "none" else f"{name.upper()}{space}{settings}"
