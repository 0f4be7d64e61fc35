"""What the numbers say, by rules that the page states: no sentence here is true beforehand."""

from collections.abc import Mapping

from experiments.board.cells import UNFINISHED
from experiments.board.scores import Board, Treatment
from experiments.surrogates.correlation import LEAST, RARE, SHUFFLES, Correlation, rank_correlation
from experiments.surrogates.restored import differs_from_thesis, grayscale, share_restored
from experiments.tables import escaped
from unlearnable_lightning.report.text_table import markdown

MEASURES = {
    "luma_share": "luma share",
    "red_green": "correlation red–green",
    "red_blue": "correlation red–blue",
    "low_share": "low-frequency share",
    "surrogate_error_pct": "surrogate's error",
}


def correlation(board: Board, measure: str, treatment: Treatment) -> Correlation | None:
    """Of a measure of the noises with what a defence gives back, over the noises that have both."""
    points = [
        (board.noise_facts[noise][measure], restored)
        for noise in board.noises
        if measure in board.noise_facts.get(noise, {})
        and (restored := share_restored(board, noise, treatment)) is not None
    ]
    return rank_correlation([x for x, _ in points], [y for _, y in points])


def colour_and_grayscale(board: Board) -> str:
    """Whether grayscale restores colourful noise more than colourless noise."""
    gray = grayscale(board)
    found = None if gray is None else correlation(board, "luma_share", gray)
    if found is None:
        return (
            "Whether grayscale restores colourful noise more than colourless noise is open: fewer "
            f"than {LEAST} strong noises are measured with it."
        )
    said = "**no order is shown**"
    if found.shown:
        said = (
            "**the more colourful a noise is, the more grayscale restores**"
            if found.rho < 0
            else "**the less colourful a noise is, the more grayscale restores**"
        )
    return (
        f"Over {found.count} noises the rank correlation (Spearman) of luma share and what "
        f"grayscale restores is **{found.rho:+.2f}**; {_chance(found)} of {SHUFFLES:,} shuffles "
        f"are as far from 0. By the rule that at most {100 * RARE:.0f} % say that there is an "
        f"order, {said}."
    )


def correlations(board: Board) -> str:
    """A table: every measure of a noise against what every defence restores."""
    columns = board.defences
    rows = [
        [title, *(_cell(correlation(board, name, each)) for each in columns)]
        for name, title in MEASURES.items()
    ]
    head = ["rank correlation with what is restored by", *(board.title(each) for each in columns)]
    return markdown(head, rows, numbers=len(columns))


def _cell(found: Correlation | None) -> str:
    if found is None:
        return UNFINISHED
    text = f"{found.rho:+.2f} ({_chance(found)})"
    return f"**{text}**" if found.shown else text


def _chance(found: Correlation) -> str:
    return f"{100 * found.chance:.2g} %"


def cheapest_like_thesis(board: Board) -> str:
    """The noise of the least time that behaves as the thesis's, or the nearest to it."""
    differ = {noise: differs_from_thesis(board, noise) for noise in board.noises}
    judged = {noise: wrong for noise, wrong in differ.items() if wrong is not None}
    gray = grayscale(board)
    if not judged or gray is None:
        return "Which noise behaves as the thesis's is open: none is measured with every defence."
    alike = [noise for noise, wrong in judged.items() if not wrong]
    of = f"{len(judged)} of {len(board.noises)} noises are measured with every defence"
    if alike:
        first = min(alike, key=lambda noise: _seconds(board.noise_facts, noise))
        return (
            f"**{_name(board, first)}** is the cheapest noise that behaves as the thesis's, in "
            f"{_seconds(board.noise_facts, first):.0f} s. All that do: "
            f"{', '.join(_name(board, noise) for noise in alike)} ({of})."
        )
    nearest = max(judged, key=lambda noise: share_restored(board, noise, gray) or float("-inf"))
    restored = share_restored(board, nearest, gray)
    if restored is None:
        return f"**No noise behaves as the thesis's** ({of}), and none takes enough to restore."
    return (
        f"**No noise behaves as the thesis's** ({of}). Grayscale restores most of "
        f"{_name(board, nearest)}: {100 * restored:.0f} % of what the noise takes."
    )


def _seconds(facts: Mapping[str, Mapping[str, float]], noise: str) -> float:
    return facts.get(noise, {}).get("seconds", float("inf"))


def _name(board: Board, noise: str) -> str:
    return escaped(board.label(noise))
