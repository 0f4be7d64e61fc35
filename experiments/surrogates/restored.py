"""What a defence gives back of what a noise takes, and whether a noise behaves as the thesis's."""

from experiments.board.scores import Board, Treatment
from experiments.claim import WORTH_RESTORING

LITTLE, MUCH = 0.1, 0.5  # shares taken; the rules of grids/thesis_claims.yaml have the same
RESTORES = ("grayscale", "jpeg-10")  # what restores the thesis's sample-wise noise by itself
DOES_NOT = ("gaussian_noise-0.10",)


def share_restored(board: Board, noise: str, treatment: Treatment) -> float | None:
    """Of the share that a noise takes without a defence, the part that a defence gives back.

    Returns:
        1 for all of it, 0 for nothing, less if the noise takes more with the defence. None if a
        number is missing, or if the noise takes less than `WORTH_RESTORING` without the defence.
    """
    without = board.share_taken(noise, board.treatments[0])
    left = board.share_taken(noise, treatment)
    if without is None or left is None or without < WORTH_RESTORING:
        return None
    return 1 - left / without


def differs_from_thesis(board: Board, noise: str) -> list[Treatment] | None:
    """The treatments under which a noise does not behave as the thesis's sample-wise noise does.

    That takes at least half without a defence, at most a tenth with grayscale or JPEG, and at least
    half with Gaussian noise.

    Returns:
        Empty if it behaves so; None if a number is missing.
    """
    wrong = []
    for each in board.treatments:
        share = board.share_taken(noise, each)
        if share is None:
            return None
        most, least = _bounds(board, each)
        if not least <= share <= most:
            wrong.append(each)
    return wrong


def _bounds(board: Board, treatment: Treatment) -> tuple[float, float]:
    """The largest and the smallest share that the thesis's noise would take."""
    first = treatment.augmentation.split("+")[0]
    if first in RESTORES:
        return LITTLE, float("-inf")
    if first in DOES_NOT or treatment == board.treatments[0]:
        return float("inf"), MUCH
    return float("inf"), float("-inf")


def grayscale(board: Board) -> Treatment | None:
    """The treatment that the thesis's conclusion is about; None if the board has none."""
    found = (each for each in board.treatments if each.augmentation.split("+")[0] == "grayscale")
    return next(found, None)
