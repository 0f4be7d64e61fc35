"""Results side by side: `python -m unlearnable_lightning.report FOLDER`."""

from pathlib import Path

from unlearnable_lightning.report.test_result import Choice, TestResult
from unlearnable_lightning.report.text_table import attack_title, markdown, percent

_ATTACKS = ("none", "fgsm", "pgd")  # these columns are always there
_FACTS = ("noise", "victim", "seed")  # these are there if a file says them


def report(folder: Path) -> str:
    """A Markdown table of every `test.json` below `folder`: accuracy in per cent.

    Args:
        folder: its runs; the path of each below it is its name.

    Returns:
        The table, a row per run and weights, a dash for an attack that was not tried; the noise,
        the victim and the seed, if the files say them; a note on what the weights are.

    Raises:
        UnlearnableError: a `test.json` is not what `test` writes.
    """
    results = {
        str(path.parent.relative_to(folder)): TestResult.load(path)
        for path in sorted(folder.rglob("test.json"))
    }
    accuracies = [
        (name, weights, found)
        for name, result in results.items()
        for weights, found in _by_weights(result).items()
    ]
    attacks = dict.fromkeys([*_ATTACKS, *(each for *_, found in accuracies for each in found)])
    known = [title for title in _FACTS if any(_facts(each)[title] for each in results.values())]
    rows = [
        [
            *(name, weights, *(_facts(results[name])[title] or "–" for title in known)),
            *(percent(found[each]) if each in found else "–" for each in attacks),
        ]
        for name, weights, found in accuracies
    ]
    head = ["run", "weights", *known, *(attack_title(attack) for attack in attacks)]
    return f"{markdown(head, rows, numbers=len(attacks))}\n\n{_note(results)}"


def _facts(result: TestResult) -> dict[str, str]:
    """What a run was, in words; empty where its file does not say."""
    seed = "" if result.seed is None else str(result.seed)
    return dict(zip(_FACTS, (result.noise, result.victim, seed), strict=True))


def _by_weights(result: TestResult) -> dict[str, dict[str, float]]:
    """The accuracy by weights and attack."""
    found: dict[str, dict[str, float]] = {}
    for row in result.table:
        found.setdefault(row.weights, {})[row.attack] = row.accuracy
    return found


def _note(results: dict[str, TestResult]) -> str:
    """What the weights of these runs are."""
    choices: dict[str, dict[str, list[str]]] = {}  # weights → what chose them → runs
    for name, result in results.items():
        for weights in dict.fromkeys(row.weights for row in result.table):
            if weights.startswith("best"):
                said = str(result.choices.get(weights) or Choice())
                choices.setdefault(weights, {}).setdefault(said, []).append(name)
    lines = ["Accuracy in % on test images without noise. last: after the last epoch."]
    for weights, found in choices.items():
        for choice, runs in found.items():
            those = "" if len(found) == 1 else f" of {', '.join(runs)}"
            lines.append(f"{weights}{those}: the epoch with the {choice}.")
    for name, result in results.items():
        if str(result.poisoning):
            lines.append(f"{name}: {result.poisoning}.")
    return "\n".join(lines)
