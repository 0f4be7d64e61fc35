"""What a reader of the leaderboard asks first, answered from the cells that are done."""

from experiments.board.scores import Board, Treatment
from experiments.tables import escaped


def summary(board: Board) -> str:
    """Which defence to try first, which noise survives most, what it costs."""
    noises, defences = whole_block(board)
    lines = [*_first_defence(board, noises, defences), *_survivor(board, noises, defences)]
    if not lines:
        lines = ["No defence is measured yet."]
    lines += _undefended(board)
    lines.append(
        "What a noise costs to make, and what it changes of an image: [noises](noises.md). What a "
        "defence costs: the last columns of [defences](#defences), and per step "
        "[on a CPU core](performance.md#defences)."
    )
    return "\n".join(f"- {line}" for line in lines)


def whole_block(board: Board) -> tuple[list[str], list[Treatment]]:
    """Noises and defences that are all measured with each other: as many cells as there are of the
    defences with the most noises. Only such can be compared while a board is half full."""
    measured = {
        each: [noise for noise in board.noises if board.accuracy(noise, each) is not None]
        for each in board.defences
    }
    ranked = sorted(board.defences, key=lambda each: -len(measured[each]))
    best: tuple[list[str], list[Treatment]] = ([], [])
    for count in range(1, len(ranked) + 1):
        some = ranked[:count]
        noises = [noise for noise in board.noises if all(noise in measured[each] for each in some)]
        if len(noises) * count > len(best[0]) * len(best[1]):
            best = noises, [each for each in board.defences if each in some]
    return best


def _first_defence(board: Board, noises: list[str], defences: list[Treatment]) -> list[str]:
    if not noises:
        return []
    if len(defences) < 2:
        return [
            f"Which defence to try first is open: only {board.title(defences[0])} is measured, on "
            f"{len(noises)} of {len(board.noises)} noises."
        ]
    worst = {
        each: min((board.accuracy(noise, each) or 0.0, noise) for noise in noises)
        for each in defences
    }
    first = max(defences, key=lambda each: worst[each])
    accuracy, noise = worst[first]
    return [
        f"**Against an unknown noise try {board.title(first)} first**: on {_name(board, noise)}, "
        f"which it does worst on, it still reaches {accuracy:.1f} %, the highest such number of "
        f"{len(defences)} of {len(board.defences)} defences on {len(noises)} of "
        f"{len(board.noises)} noises that are all measured with each other.{_cost(board, first)}"
    ]


def _cost(board: Board, defence: Treatment) -> str:
    with_it, without = (board.accuracy(board.clean, e) for e in (defence, board.treatments[0]))
    if with_it is None or without is None:
        return ""
    times = board.cost(defence)
    time = "" if times is None else f", and {times:.1f} times the time"
    return f" It costs: {with_it:.1f} instead of {without:.1f} % on clean images{time}."


def _survivor(board: Board, noises: list[str], defences: list[Treatment]) -> list[str]:
    if len(defences) < 2:
        return []
    best = {noise: max(board.accuracy(noise, each) or 0.0 for each in defences) for noise in noises}
    hardest = min(noises, key=lambda noise: best[noise])
    return [
        f"**{_name(board, hardest)} survives most**: the best of these defences on it reaches "
        f"{best[hardest]:.1f} %."
    ]


def _undefended(board: Board) -> list[str]:
    plain = board.treatments[0]
    strongest = board.strongest_noise(plain)
    if strongest is None:
        return []
    measured = sum(board.accuracy(noise, plain) is not None for noise in board.noises)
    return [
        f"Without a defence **{_name(board, strongest)}** takes most: it leaves "
        f"{board.accuracy(strongest, plain):.1f} of {board.accuracy(board.clean, plain):.1f} % "
        f"({measured} of {len(board.noises)} noises are measured)."
    ]


def _name(board: Board, noise: str) -> str:
    return escaped(board.label(noise))
