"""A row per noise and a row per defence: who is best against whom, and what it costs."""

from statistics import mean

from experiments.board.cells import UNFINISHED, accuracy, share
from experiments.board.noises_page import FACTS, fact
from experiments.board.scores import Board
from experiments.tables import escaped
from unlearnable_lightning.report.text_table import markdown


def noise_rows(board: Board) -> str:
    """What is done against each noise, what it costs, and whether one sees it."""
    facts = ("l2", "linf", "psnr", "ssim")
    plain, rows = board.treatments[0], []
    for noise in board.noises:
        best, known = board.strongest_defence(noise), board.noise_facts.get(noise, {})
        rows.append(
            [
                escaped(board.label(noise)),
                accuracy(board, noise, plain),
                UNFINISHED if best is None else board.title(best),
                UNFINISHED if best is None else accuracy(board, noise, best),
                UNFINISHED if best is None else share(board, noise, best),
                f"{known['seconds']:.0f}" if "seconds" in known else UNFINISHED,
                *(fact(known, name) for name in facts),
            ]
        )
    head = ["noise", "no defence, %", "best defence", "accuracy, %", "share taken, %", "made in, s"]
    head += [FACTS[name][0] for name in facts]
    return markdown(head, rows, numbers=len(head) - 1)


def defence_rows(board: Board) -> str:
    """The noise that is strongest against each defence, and what the defence costs."""
    rows = []
    for each in board.treatments:
        clean, noise = board.score(board.clean, each), board.strongest_noise(each)
        cost = board.cost(each)
        rows.append(
            [
                board.title(each),
                UNFINISHED if noise is None else escaped(board.label(noise)),
                UNFINISHED
                if noise is None
                else f"{100 * (board.share_taken(noise, each) or 0):.0f}",
                UNFINISHED if clean is None else f"{mean(clean.last.values()):.1f}",
                UNFINISHED if cost is None else f"{cost:.1f}",
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
