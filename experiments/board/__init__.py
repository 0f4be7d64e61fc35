"""The leaderboard: every noise against every defence, as a page of text and one to click on."""

from experiments.board.page import write

__all__ = ["write"]
