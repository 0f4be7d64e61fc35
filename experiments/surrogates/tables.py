"""The tables of the page of surrogates: what a noise is, and what it costs."""

from statistics import mean

import pandas as pd

from experiments.board.cells import UNFINISHED, accuracy
from experiments.board.scores import Board, Treatment
from experiments.surrogates.restored import differs_from_thesis, grayscale, share_restored
from experiments.tables import escaped
from unlearnable_lightning.report.text_table import markdown

FACTS = {  # of a noise: title and format
    "rounds": ("rounds", ".0f"),
    "surrogate_error_pct": ("surrogate's error, %", ".2f"),
    "luma_share": ("luma share", ".2f"),
    "red_green": ("red–green", "+.2f"),
    "red_blue": ("red–blue", "+.2f"),
    "low_share": ("low-frequency share", ".2f"),
}
POINTS = 60  # of accuracy that a strong noise takes from a victim


def noise_table(board: Board) -> str:
    """A row per noise: what it is, and what victims reach on it."""
    rows = [
        [
            escaped(board.label(data)),
            *(_fact(board, data, name, how) for name, (_, how) in FACTS.items()),
            *(accuracy(board, data, each) for each in board.treatments),
            _restored(board, data),
            _as_thesis(board, data),
        ]
        for data in [board.clean, *board.noises]
    ]
    head = ["surrogate and setting", *(title for title, _ in FACTS.values())]
    head += [board.title(each) for each in board.treatments]
    head += ["grayscale restores, %", "as the thesis's"]
    return words_last(markdown(head, rows, numbers=len(head) - 1))


def words_last(table: str) -> str:
    """A table of numbers whose last column holds words, which stand on the left."""
    lines = table.splitlines()
    lines[1] = lines[1].removesuffix("---: |") + "--- |"
    return "\n".join(lines)


def cost_table(board: Board, table: pd.DataFrame) -> str:
    """A row per noise that is made, the cheapest first.

    Args:
        board: of all runs.
        table: from `results.read_all`, for the devices.
    """
    made = [noise for noise in board.noises if "seconds" in board.noise_facts.get(noise, {})]
    rows = []
    for noise in sorted(made, key=lambda each: board.noise_facts[each]["seconds"]):
        step = board.noise_facts[noise].get("step_size")
        devices = table[table["train_data"] == noise]["device"].dropna().unique()
        rows.append(
            [
                escaped(board.label(noise)),
                ", ".join(sorted(devices)) or UNFINISHED,
                _fact(board, noise, "steps", ".0f"),
                UNFINISHED if step is None else f"{255 * step:.2g}",
                _fact(board, noise, "model_steps", ".0f"),
                _fact(board, noise, "rounds", ".0f"),
                _fact(board, noise, "seconds", ".0f"),
                *_strength(board, noise),
            ]
        )
    head = ["surrogate and setting", "device", "T", "step, grey levels", "M", "rounds", "seconds"]
    head += ["victims", "accuracy, mean", "lowest", "highest", f"lose ≥ {POINTS} points"]
    return markdown(head, rows, numbers=len(head) - 2)


def victim_titles(board: Board) -> dict[Treatment, str]:
    """The networks of the victims, that of the first table first."""
    trainers = board.grid.names.trainers()
    return {each: trainers[each.training].label for each in board.victims}


def _strength(board: Board, noise: str) -> list[str]:
    """What a noise leaves to the victims, and how many of them it takes much from."""
    left: list[float] = []
    lost: list[float] = []
    for each in board.victims:
        clean, poisoned = board.accuracy(board.clean, each), board.accuracy(noise, each)
        if clean is not None and poisoned is not None:
            left.append(poisoned)
            lost.append(clean - poisoned)
    if not left:
        return [UNFINISHED] * 5
    return [
        f"{len(left)} of {len(board.victims)}",
        *(f"{number:.1f}" for number in (mean(left), min(left), max(left))),
        f"{sum(each >= POINTS for each in lost)} of {len(lost)}",
    ]


def _fact(board: Board, data: str, name: str, how: str) -> str:
    if data == board.clean:
        return ""
    facts = board.noise_facts.get(data, {})
    return f"{facts[name]:{how}}" if name in facts else UNFINISHED


def _restored(board: Board, data: str) -> str:
    gray = grayscale(board)
    if data == board.clean or gray is None:
        return ""
    found = share_restored(board, data, gray)
    if found is not None:
        return f"{100 * found:.0f}"
    known = [board.share_taken(data, each) for each in (board.treatments[0], gray)]
    return UNFINISHED if None in known else "–"


def _as_thesis(board: Board, data: str) -> str:
    """Yes, or what it differs under."""
    if data == board.clean:
        return ""
    wrong = differs_from_thesis(board, data)
    if wrong is None:
        return UNFINISHED
    return ("not " + ", ".join(board.title(each) for each in wrong)) if wrong else "**yes**"
