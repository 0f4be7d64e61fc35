"""What each noise does to a victim without a defence: a page beside the leaderboard."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.board.cells import NO_DEFENCE, command, origin, spread_of
from experiments.board.scores import Board
from experiments.tables import escaped
from experiments.words import Words
from unlearnable_lightning.report.text_table import markdown

FACTS = {  # of a noise, its column and digits
    "l2": ("L2", 2),
    "linf": ("L∞, grey levels", 1),
    "psnr": ("PSNR, dB", 1),
    "ssim": ("SSIM", 3),
    "class_mean_share": ("class-mean share", 2),
    "luma_share": ("luma share", 2),
    "separable_pct": ("probe, %", 0),
}
ENOUGH = 40  # points of accuracy that a strong noise takes


def write(
    path: Path, board: Board, table: pd.DataFrame, profile: dict[str, Any], words: Words
) -> None:
    """Writes the page.

    Args:
        path: of the Markdown file.
        board: of all runs.
        table: from `results.read_all`.
        profile: one of `profiles/`; its `notes` say what there is to say of a noise.
        words: legend and published numbers.
    """
    text = f"""
# Noises: what they do, what they cost, what they change

{origin(table, profile, command(profile, "ROWS=core"), NO_DEFENCE)}

Accuracy on clean test images in per cent, the victim trained with crop + flip.
{words.legend.strip()}

{noise_table(board, words)}

*L2* of an image's noise, pixels in [0, 1]; *L∞* its largest change, mean over the images;
*class-mean share*: of the noise's energy, that of its class means (1 for class-wise noise); *luma
share*: mean square of 0.299 R + 0.587 G + 0.114 B over that of the noise (0.45 for independent
channels, 1 for a colourless noise); *probe*: accuracy of a linear classifier on held-out noise
alone. All are of the released images in 8 bits, by `unlearnable inspect`. *Made in*: from the start
of the command to its end; with fewer images, and the memory: [performance](performance.md#noises).
The columns
{" and ".join(words.published_none)} are **not ours**.
"""
    parts = [text.strip(), *_notes(board, profile), *made_by(board, profile)]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def noise_table(board: Board, words: Words) -> str:
    """A row per noise, the clean images first.

    Args:
        board: of all runs.
        words: whose `published_none` are the columns of others.
    """
    plain = board.treatments[0]
    head = ["trained on", "last", "best", "points taken", "made in, s"]
    head += [title for title, _ in FACTS.values()] + [f"*{name}*" for name in words.published_none]
    rows = []
    for data in [board.clean, *board.noises]:
        score, facts = board.score(data, plain), board.noise_facts.get(data, {})
        rows.append(
            [
                escaped(board.label(data)),
                spread_of(None if score is None else score.last),
                spread_of(None if score is None else score.best),
                _points(board, data),
                f"{facts['seconds']:.0f}" if "seconds" in facts else "",
                *(fact(facts, key) for key in FACTS),
                *(str(column.get(data, "")) for column in words.published_none.values()),
            ]
        )
    return markdown(head, rows, numbers=len(head) - 1)


def fact(known: Mapping[str, float], name: str) -> str:
    """A measure of a noise; empty if it is not known."""
    return f"{known[name]:.{FACTS[name][1]}f}" if name in known else ""


def _points(board: Board, data: str) -> str:
    taken = board.points_taken(data)
    return "" if taken is None or data == board.clean else f"{taken:.1f}"


def _notes(board: Board, profile: dict[str, Any]) -> list[str]:
    """What the profile says of a noise, and which ones take little without a word on it."""
    notes = profile.get("notes", {})
    parts = [
        f"**{board.label(name)}.** {notes[name].strip()}" for name in board.noises if name in notes
    ]
    weak = [
        board.label(name)
        for name in board.noises
        if name not in notes and (board.points_taken(name) or ENOUGH) < ENOUGH
    ]
    if weak:
        parts.append(
            f"Not explained yet, though less than {ENOUGH} points are taken: {', '.join(weak)}."
        )
    return ["## Notes", *parts] if parts else []


def made_by(board: Board, profile: dict[str, Any]) -> list[str]:
    """The section of a page with the command of every noise that is made."""
    lines = [f"{command}" for command in board.noise_commands(profile)]
    return ["## Commands", "```sh\n" + "\n".join(lines) + "\n```"] if lines else []
