"""The leaderboard as text. The same cells to click on lie beside it: `page_to_click.py`."""

from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from experiments import results
from experiments.board import noises_page, page_to_click
from experiments.board.cells import UNFINISHED, origin, spread_of
from experiments.board.scores import Board, Score, Treatment, read_board
from experiments.grid import Grid
from experiments.tables import escaped
from experiments.verdicts import judged
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
    page_to_click.write(aside / "leaderboard.html", board, profile, words)
    noises_page.write(path.with_name("noises.md"), board, everything, profile, words)
    parts = [
        f"# {words.title}",
        origin(everything, profile),
        f"- All of it to click on: [one page]({aside.name}/leaderboard.html), and as "
        f"[one table]({aside.name}/results.csv). {words.legend.strip()}",
        "## What to take from it",
        *_summary(board),
        "## Accuracy",
        "On clean test images after the last epoch, in per cent; crop + flip everywhere. What each "
        "noise costs and changes: [noises](noises.md).",
        _matrix(board, [board.clean, *board.noises], _accuracy),
        "## Share taken",
        "Of the accuracy above chance that clean images give under the same defence, the part that "
        "the noise takes, in per cent: 100 leaves a guess, 0 takes nothing.",
        _matrix(board, board.noises, _share),
        "## Defences",
        _defences(board),
        *judged(results.errors_by_seed(results.read(table)), grid, profile.get("findings", {})),
        *_published(words),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _summary(board: Board) -> list[str]:
    """What a reader asks first, from the cells that are done."""
    cells = {each: [board.accuracy(n, each) for n in board.noises] for each in board.defences}
    whole = {each: min(v or 0.0 for v in row) for each, row in cells.items() if None not in row}
    lines = []
    if whole:
        first = max(whole, key=lambda each: whole[each])
        lines.append(
            f"- **Against an unknown noise try {board.title(first)} first**: on the noise that it "
            f"does worst on it still reaches {whole[first]:.1f} %, the highest such number here."
        )
    if whole and len(whole) == len(cells):
        best = {n: _best_against(board, n) for n in board.noises}
        hardest = min(best, key=lambda each: best[each])
        lines.append(
            f"- **{board.label(hardest)} survives most**: the best defence on it reaches "
            f"{best[hardest]:.1f} %."
        )
    return ["\n".join(lines)] if lines else ["No defence is measured on every noise yet."]


def _best_against(board: Board, noise: str) -> float:
    return max(board.accuracy(noise, each) or 0.0 for each in board.defences)


def _matrix(board: Board, rows: Sequence[str], cell: Any) -> str:
    head = ["", *(board.title(each) for each in board.treatments)]
    lines = [
        [escaped(board.label(data)), *(cell(board, data, each) for each in board.treatments)]
        for data in rows
    ]
    return markdown(head, lines, numbers=len(board.treatments))


def _accuracy(board: Board, data: str, treatment: Treatment) -> str:
    score: Score | None = board.score(data, treatment)
    return spread_of(None if score is None else score.last)


def _share(board: Board, noise: str, treatment: Treatment) -> str:
    share = board.share_taken(noise, treatment)
    return UNFINISHED if share is None else f"{100 * share:.0f}"


def _defences(board: Board) -> str:
    plain = board.score(board.clean, board.treatments[0])
    rows = []
    for each in board.treatments:
        clean, noise = board.score(board.clean, each), board.strongest_noise(each)
        cost = UNFINISHED
        if clean is not None and plain is not None:
            cost = f"{clean.seconds / plain.seconds:.1f}"
        rows.append(
            [
                board.title(each),
                UNFINISHED if noise is None else escaped(board.label(noise)),
                UNFINISHED
                if noise is None
                else f"{100 * (board.share_taken(noise, each) or 0):.0f}",
                UNFINISHED if clean is None else f"{mean(clean.last.values()):.1f}",
                cost,
            ]
        )
    head = (
        "defence",
        "strongest noise against it",
        "share taken",
        "clean images",
        "× time of none",
    )
    return markdown(head, rows, numbers=3)


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
