"""The page of results: ours beside the published ones, and whether the claims hold."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import figures, results
from experiments.grid import Grid
from experiments.tables import sections
from experiments.verdicts import judged
from experiments.words import Words, read_words


def write(path: Path, table: Path, profile: dict[str, Any], grid: Grid) -> None:
    """Writes the page.

    Args:
        path: of the Markdown file; pictures and `results.csv` lie in the folder of the same name.
        table: `results.csv`.
        profile: one of `profiles/`.
        grid: what was run.
    """
    words = read_words(grid)
    read = results.read(table)
    parts = [
        f"# Results: {words.title} at the profile `{profile['name']}`",
        _origin(results.read_all(table), profile, grid, words, path),
        *judged(results.errors_by_seed(read), grid, profile.get("findings", {})),
        _tables(read, grid, words),
        *_pictures(path, grid, words),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _origin(
    table: pd.DataFrame, profile: dict[str, Any], grid: Grid, words: Words, path: Path
) -> str:
    runs = table.drop_duplicates(["train_data", "training", "augmentation", "seed"])
    seeds = ", ".join(str(seed) for seed in grid.seeds)
    rows = f" ROWS={profile['rows']}" if profile.get("rows", "all") != "all" else ""
    whole = len(list(replace(grid, core=False, done=None).runs()))
    noise = "of each seed" if profile["noise_of_each_seed"] else "made once, with the first seed"
    device = ", ".join(sorted(set(table["device"].dropna())))
    text = f"""
**Which numbers are whose.** The columns *ours* were measured by this project, on
{device}, with version {", ".join(sorted(set(table["version"].astype(str))))}.
{words.published}
{profile["about"].strip()}

- Command: `make results PROFILE={profile["name"]}{rows} DATA=FOLDER`, which made this page, its
  pictures and [all runs as one table]({path.stem}/results.csv).
- {(runs["training"] != results.NOISE).sum()} of the {whole} trainings of the whole grid.
- Time: {results.time_taken(runs)}, if one had run after the other
  ({profile["threads"]} thread{"s" * (profile["threads"] > 1)} each).
- Seeds: {seeds} for the {f"core rows {words.core}".strip()}, shown as
  mean ± standard deviation; {grid.seeds[0]} for all others. The noise is {noise}; the images are
  the same for all seeds.
- *last*: weights of the last epoch. *best*: of the epoch with the best accuracy on clean validation
  images, an oracle that somebody with poisoned images alone does not have.
- {f"{words.legend.strip()} All".strip()} errors are of clean test images, in per cent.
"""
    return text.strip()


def _tables(table: pd.DataFrame, grid: Grid, words: Words) -> str:
    parts = ["## The tables"]
    for source, text in sections(table, grid, words).items():
        title = f": {words.tables[source]}" if source in words.tables else ""
        if text.count("\n") > 30:
            rows = text.count("\n") - 1
            text = f"<details><summary>{rows} rows</summary>\n\n{text}\n\n</details>"
        parts += [f"### {source}{title}", text]
    return "\n\n".join(parts)


def _pictures(path: Path, grid: Grid, words: Words) -> list[str]:
    """The section of pictures; nothing for a grid without any."""
    parts = []
    for name in figures.names(grid, words):
        figure = words.figures[name]
        picture = f"![{figure.title}]({path.stem}/{name}.png)"
        parts += [f"### {figure.title}", picture, figure.caption]
    return ["## The figures", *parts] if parts else []
