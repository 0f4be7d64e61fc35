"""What a defence restores, over a measure of the noise: a dot per noise."""

from itertools import count
from pathlib import Path

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments import words
from experiments.board.scores import Board, Treatment, board_of
from experiments.grid import Grid
from experiments.surrogates.findings import MEASURES
from experiments.surrogates.restored import share_restored

_LINE, _LETTER = 0.035, 0.0085  # height of a label, of the picture's, and width of a letter


def draw(figure: words.Figure, table: pd.DataFrame, runs: Path, grid: Grid) -> Figure:
    """A panel for each title: by measure of the noise, the augmentation that restores."""
    board = board_of(table, grid)
    panels = [(t, *each) for t, panel in figure.panels.items() for each in panel.items()]
    drawn, axes = plt.subplots(1, len(panels), figsize=(9 * len(panels), 6), squeeze=False)
    for ax, (title, measure, augmentation) in zip(axes[0], panels, strict=True):
        _dots(ax, board, measure, Treatment(figure.without["training"], augmentation))
        ax.set_title(title, fontsize=10)
        ax.set_xlabel(f"{MEASURES[measure]} of the noise")
        ax.set_ylabel("restored, % of what the noise takes")
        ax.grid(alpha=0.3)
    drawn.tight_layout()
    return drawn


def _dots(ax: Axes, board: Board, measure: str, treatment: Treatment) -> None:
    points = [
        (board.noise_facts[noise][measure], 100 * restored, noise)
        for noise in board.noises
        if measure in board.noise_facts.get(noise, {})
        and (restored := share_restored(board, noise, treatment)) is not None
    ]
    if not points:
        ax.text(0.5, 0.5, "nothing measured yet", ha="center", transform=ax.transAxes)
        return
    for x, y, noise in points:
        ax.plot(x, y, "o", color=board.grid.names.noises[noise].colour or "#525252")
    ax.margins(x=0.15, y=0.1)
    _label(ax, board, points)


def _label(ax: Axes, board: Board, points: list[tuple[float, float, str]]) -> None:
    """A label at the right of each dot, or at the nearest free place above or below that."""
    left, right = ax.get_xlim()
    low, high = ax.get_ylim()
    line, letter = _LINE * (high - low), _LETTER * (right - left)
    placed: list[tuple[float, float, float]] = []  # begin, end and height of a label
    for x, y, noise in sorted(points):
        label = board.label(noise)
        begin, end = x + 2 * letter, x + (2 + len(label)) * letter
        near = [at for other, its_end, at in placed if other < end and begin < its_end]
        places = (y + side * step * line / 2 for step in count() for side in (1, -1))
        at = next(place for place in places if all(abs(place - each) >= line for each in near))
        placed.append((begin, end, at))
        line_to_dot = {"arrowstyle": "-", "linewidth": 0.4, "color": "#969696"}
        ax.annotate(label, (x, y), (begin, at), fontsize=7, va="center", arrowprops=line_to_dot)
    heights = [at for *_, at in placed]
    ax.set_ylim(min(low, min(heights) - line), max(high, max(heights) + line))
    ax.set_xlim(left, max(right, *(end for _, end, _ in placed)))
