"""The page of surrogates: when the thesis's conclusions on noise hold, and what noise costs."""

from pathlib import Path
from typing import Any

from experiments import figures, results
from experiments.board.cells import ALL_ROWS, accuracy, matrix, origin, share, state
from experiments.board.noises_page import made_by
from experiments.board.scores import read_board
from experiments.claim import WORTH_RESTORING
from experiments.grid import Grid
from experiments.surrogates.findings import cheapest_like_thesis, colour_and_grayscale, correlations
from experiments.surrogates.restored import LITTLE, MUCH
from experiments.surrogates.tables import POINTS, cost_table, noise_table, victim_titles
from experiments.verdicts import judged
from experiments.words import read_words

_NOISES = f"""
Accuracy on clean test images after the last epoch, in per cent; crop + flip everywhere. *Luma
share*: mean square of 0.299 R + 0.587 G + 0.114 B over that of the noise: 1 for a colourless noise,
0.45 for independent channels, 0.03 for magenta and green. *Red–green*, *red–blue*: correlations of
the channels. *Low-frequency share*: of the noise's power, at up to 4 cycles per image. All of the
released images in 8 bits, by `unlearnable inspect`; of a noise that was not inspected, 1 000 images
by its log. *Grayscale restores*: of the share of the accuracy above chance that the noise takes
without a defence, the part that grayscale gives back; – if the noise takes less than
{100 * WORTH_RESTORING:.0f} %, for there is little to restore.

*As the thesis's*: its sample-wise noise takes at least {100 * MUCH:.0f} % without a defence, at
most {100 * LITTLE:.0f} % with grayscale, at most that with JPEG, and at least {100 * MUCH:.0f} %
with Gaussian noise. Its JPEG had libjpeg quality 22, ours has 10; its Gaussian noise was uniform.
""".strip()

_CORRELATIONS = """
The same for other measures, and for what the other defences restore; in brackets how many shuffles
are as far from 0, **bold** where the rule says that there is an order. Many of these noises are
variants of one another, and one in twenty numbers is bold by chance: a hint where to look, no
proof.
""".strip()

_TRANSFER = """
The same noise files on other networks, with crop + flip: accuracy on clean test images after the
last epoch, in per cent. The surrogate's own network may be among the victims.
""".strip()

_COST = f"""
The cheapest first. *T* steps of that many grey levels on every image in each round, after *M*
batches of training; *seconds* from the start of the command to its end, on the device that its
victims trained on too. *Victims*: those of the table above that are measured; *lose ≥ {POINTS}
points*: how many of them reach so many points less than on clean images.
""".strip()


def write(path: Path, table: Path, profile: dict[str, Any], grid: Grid) -> None:
    """Writes the page.

    Args:
        path: of the Markdown file; its picture and `results.csv` lie in the folder of its name.
        table: `results.csv`.
        profile: one of `profiles/`.
        grid: what was run.
    """
    board, everything = read_board(table, grid), results.read_all(table)
    rows, victims = [board.clean, *board.noises], victim_titles(board)
    errors = results.errors_by_seed(results.trainings(everything))
    parts = [
        f"# {read_words(grid).title}",
        origin(everything, profile, f"make results PROFILE={profile['name']}", ALL_ROWS),
        f"- All runs as [one table]({path.stem}/results.csv).",
        state(everything, grid),
        "## What to take from it",
        f"- {colour_and_grayscale(board)}\n- {cheapest_like_thesis(board)}",
        "## What the surrogate makes",
        _NOISES,
        noise_table(board),
        *_pictures(path, grid),
        _CORRELATIONS,
        correlations(board),
        "## On other victims",
        _TRANSFER,
        matrix(board, rows, victims, accuracy),
        "The share of the accuracy above chance that the noise takes, in per cent:",
        matrix(board, board.noises, victims, share),
        "## Cost against strength",
        _COST,
        cost_table(board, everything),
        *judged(errors, grid, profile.get("findings", {})),
        *made_by(board, profile),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _pictures(path: Path, grid: Grid) -> list[str]:
    words = read_words(grid)
    return [
        f"![{words.figures[name].title}]({path.stem}/{name}.png)\n\n{words.figures[name].caption}"
        for name in figures.names(grid, words)
    ]
