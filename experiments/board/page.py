"""The leaderboard as text. The same cells to click on lie beside it: `page_to_click.py`."""

from pathlib import Path
from typing import Any

from experiments import results
from experiments.board import noises_page, page_to_click
from experiments.board.cells import NO_DEFENCE, accuracy, command, matrix, origin, share
from experiments.board.epochs import choice_of_epoch
from experiments.board.rows import defence_rows, noise_rows
from experiments.board.scores import Board, Treatment, read_board
from experiments.board.summary import summary
from experiments.grid import Grid
from experiments.verdicts import judged, verdicts
from experiments.words import Words, read_words
from unlearnable_lightning.report.text_table import markdown


def write(path: Path, table: Path, profile: dict[str, Any], grid: Grid) -> None:
    """Writes the page, and the page to click on into the folder of its name.

    Args:
        path: of the Markdown file.
        table: `results.csv`.
        profile: one of `profiles/`.
        grid: what was run.
    """
    board, words, everything = read_board(table, grid), read_words(grid), results.read_all(table)
    aside = path.with_suffix("")
    errors = results.errors_by_seed(results.read(table))
    claims = verdicts(errors, grid)
    page_to_click.write(aside / "leaderboard.html", board, profile, words, claims)
    noises_page.write(path.with_name("noises.md"), board, everything, profile, words)
    parts = [
        f"# {words.title}",
        origin(everything, profile, command(profile), NO_DEFENCE),
        f"- All of it to click on: [one page]({aside.name}/leaderboard.html), and as "
        f"[one table]({aside.name}/results.csv). {words.legend.strip()}",
        "## What to take from it",
        summary(board),
        "## Accuracy",
        "On clean test images after the last epoch, in per cent; crop + flip everywhere. What each "
        "noise costs and changes: [noises](noises.md).",
        matrix(board, [board.clean, *board.noises], _titles(board), accuracy),
        "## Share taken",
        "Of the accuracy above chance that clean images give under the same defence, the part that "
        "the noise takes, in per cent: 100 leaves a guess, 0 takes nothing.",
        matrix(board, board.noises, _titles(board), share),
        "## Noises",
        "Ours, as above. *Best defence*: that with the highest accuracy on this noise, of those "
        "that are measured, and the share that the noise still takes then. What the other columns "
        "mean: [noises](noises.md).",
        noise_rows(board),
        "## Defences",
        "Ours, as above. *Strongest noise*: that takes the largest share under this defence, of "
        "those that are measured. *Clean images*: accuracy in per cent. The time is that of a "
        "training on clean images and its test.",
        defence_rows(board),
        *_victims(board),
        *choice_of_epoch(board),
        *judged(errors, grid, profile.get("findings", {})),
        *_published(words),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _titles(board: Board) -> dict[Treatment, str]:
    return {each: board.title(each) for each in board.treatments}


def _victims(board: Board) -> list[str]:
    """Whether the noise of one surrogate works on other networks; nothing for a grid without."""
    if not board.victims:
        return []
    titles = {each: board.victim_title(each) for each in board.victims}
    return [
        "## Other victims",
        "The same noise files on other networks, without a defence: accuracy on clean test images "
        "after the last epoch, in per cent.",
        matrix(board, [board.clean, *board.noises], titles, accuracy),
        "The share taken, in per cent:",
        matrix(board, board.noises, titles, share),
    ]


def _published(words: Words) -> list[str]:
    """Numbers of others, never beside ours in one table of cells."""
    if not words.published_tables:
        return []
    parts = ["## Published numbers, not ours", words.published.strip()]
    for title, columns in words.published_tables.items():
        head = ["noise", *columns]
        names = dict.fromkeys(name for column in columns.values() for name in column)
        rows = [
            [name, *(str(column.get(name, "")) for column in columns.values())] for name in names
        ]
        parts += [f"### {title}", markdown(head, rows, numbers=len(columns))]
    return parts
