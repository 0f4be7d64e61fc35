"""Several choices of an epoch from one training, side by side."""

from experiments.board.cells import UNFINISHED
from experiments.board.scores import Board, Treatment
from experiments.tables import escaped
from experiments.training import Training
from unlearnable_lightning.report.text_table import markdown

RULES = {  # weights by their name in `test.json`: the column, and who could choose so
    "last": "last",
    "best_epoch_1": "epoch 1",
    "best_epoch_2": "epoch 2",
    "best_epoch_3": "epoch 3",
    "best_epoch_4": "epoch 4",
    "best_epoch_5": "epoch 5",
    "best_knee": "knee",
    "best_poisoned": "best, poisoned",
    "best": "best, clean (oracle)",
}
_ALWAYS = ("last", "best_knee", "best_poisoned", "best")  # also before anything is done

_WORDS = """
Accuracy on clean test images in per cent, all columns of a row from **one training** without a
defence, of which some training images are held out. *last*: of the last epoch. *epoch 1* and so on:
fixed before the training. *knee*: the first epoch of 90 % training accuracy, else the highest
(early stopping). *best, poisoned*: of the epoch with the best accuracy on the images that are held
out, which are as poisoned as the others. These need no clean image. *best, clean*: of the epoch
with the best accuracy on clean validation images, an **oracle**; these are no images of the test.
""".strip()


def choice_of_epoch(board: Board) -> list[str]:
    """The section of the page; nothing for a grid without such trainings."""
    if not board.choices:
        return []
    treatment = board.choices[0]
    rows = {data: _by_rule(board, data, treatment) for data in [board.clean, *board.noises]}
    shown = [
        rule for rule in RULES if rule in _ALWAYS or any(rule in found for found in rows.values())
    ]
    lines = [
        [escaped(board.label(data)), *(_cell(found, rule) for rule in shown)]
        for data, found in rows.items()
    ]
    table = markdown(["trained on", *(RULES[rule] for rule in shown)], lines, numbers=len(shown))
    return ["## Choice of the epoch", _WORDS, table]


def _by_rule(board: Board, data: str, treatment: Treatment) -> dict[str, float]:
    training = Training(data, *treatment)
    score = board.scores.get(training)
    if score is None:
        return {}
    seed = board.grid.seeds[0]
    ends = {"last": score.last.get(seed), "best": score.best.get(seed)}
    known = {rule: value for rule, value in ends.items() if value is not None}
    return {**known, **board.chosen.get(training, {})}


def _cell(found: dict[str, float], rule: str) -> str:
    return f"{found[rule]:.1f}" if rule in found else UNFINISHED
