"""The page of partial poisoning: a mix of clean and protected images against its clean part."""

from collections.abc import Mapping
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from experiments import results
from experiments.board.cells import ALL_ROWS, UNFINISHED, origin, spread_of, state
from experiments.grid import Grid
from experiments.tables import escaped
from experiments.training import Training
from experiments.words import Figure, Words, read_words
from unlearnable_lightning.report.text_table import markdown

BySeed = Mapping[int, float]
_RULE = f"""
For every share of the training images that carries the noise: (a) a victim trained on the mix, (b)
one trained on its **clean part alone**, as if the protected images had never been published; as
many steps each. Which images are protected is a random draw, of each class alike, the same for all
noises and seeds: those of a smaller share are among those of a larger one. Accuracy on clean test
images after the last epoch, in per cent.

The rule: the *spread* is the larger of the standard deviations of (a) and (b) over the seeds. (a)
below (b) by more than the spread: the protected images **do harm**. (a) above (b) by more: they
**still teach**. Else they **add nothing**. With a single seed of either there is no spread, so it
stays open. At a share of 1 there is no clean part. What is not run yet is shown as {UNFINISHED}.
""".strip()


def write(path: Path, table: Path, profile: dict[str, Any], grid: Grid) -> None:
    """Writes the page.

    Args:
        path: of the Markdown file; its picture and `results.csv` lie in the folder of its name.
        table: `results.csv`.
        profile: one of `profiles/`.
        grid: what was run. The picture of its page that has panels `mix` and `clean part` says
            which trainings are of which share.
    """
    words, everything = read_words(grid), results.read_all(table)
    (figure,) = words.figures.values()
    errors = results.errors_by_seed(results.read(table))
    accuracies = {
        training: {int(seed): 100 - error for seed, error in by_seed.items()}
        for training, by_seed in errors.items()
    }
    parts = [
        f"# {words.title}",
        origin(everything, profile, _command(profile), ALL_ROWS),
        f"- All runs as [one table]({path.stem}/results.csv).",
        state(everything, grid),
        _RULE,
        *(_section(grid, figure, noise, accuracies) for noise in _noises(grid)),
        _picture(path, words),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def verdict(mixed: BySeed, part: BySeed) -> str:
    """What protected images do beside clean ones, by the rule that the page states.

    Args:
        mixed: accuracy in per cent of the mix, by seed.
        part: of its clean part alone.
    """
    if min(len(mixed), len(part)) < 2:
        return "open"
    by = mean(mixed.values()) - mean(part.values())
    spread = max(stdev(mixed.values()), stdev(part.values()))
    if abs(by) <= spread:
        return "add nothing"
    return "still teach" if by > 0 else "do harm"


def _command(profile: Mapping[str, Any]) -> str:
    name = profile["name"].rpartition("-")[2]  # of the leaderboard's profile, if it shares its runs
    return f"make results PROFILE=partial-{name}"


def _noises(grid: Grid) -> list[str]:
    """Those that the profile keeps, whether or not they are run."""
    kept = grid.only.get("train_data", list(grid.names.noises))
    return [name for name in grid.names.noises if name in kept]


def _section(grid: Grid, figure: Figure, noise: str, accuracies: Mapping[Training, BySeed]) -> str:
    rows = []
    augmentation, clean = figure.without["augmentation"], next(iter(grid.names.clean))
    for share, training in figure.panels["mix"].items():
        mixed = accuracies.get(Training(noise, training, augmentation), {})
        of_part = figure.panels["clean part"].get(share)
        if of_part is None:
            rows.append([share, spread_of(mixed or None), "", "", ""])
            continue
        part = accuracies.get(Training(clean, of_part, augmentation), {})
        both = mixed and part
        by = f"{mean(mixed.values()) - mean(part.values()):+.1f}" if both else UNFINISHED
        cells = [spread_of(mixed or None), spread_of(part or None)]
        rows.append([share, *cells, by, verdict(mixed, part)])
    head = ("share protected", "(a) mix", "(b) clean part", "(a) − (b)", "protected images")
    label = escaped(grid.names.noises[noise].label)
    return f"## {label}\n\n{_aligned(head, rows)}"


def _aligned(head: tuple[str, ...], rows: list[list[str]]) -> str:
    """Numbers on the right; the last column holds words."""
    text = markdown(head, rows, numbers=len(head)).splitlines()
    text[1] = text[1].removesuffix("---: |") + "--- |"
    return "\n".join(text)


def _picture(path: Path, words: Words) -> str:
    ((name, figure),) = words.figures.items()
    return f"## {figure.title}\n\n![{figure.title}]({path.stem}/{name}.png)\n\n{figure.caption}"
