"""The page of results: ours beside the published ones, and whether the claims hold."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import figures, results
from experiments.claim import WORTH_RESTORING, Errors
from experiments.claims import read_claims
from experiments.grid import Grid
from experiments.tables import escaped, sections
from experiments.words import Words, read_words
from unlearnable_lightning.report.text_table import markdown


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
        *_claims(results.errors_by_seed(read), grid, profile.get("findings", {})),
        _tables(read, grid, words),
        *_pictures(path, grid, words),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _origin(
    table: pd.DataFrame, profile: dict[str, Any], grid: Grid, words: Words, path: Path
) -> str:
    runs = table.drop_duplicates(["train_data", "training", "augmentation", "seed"])
    minutes = runs["wall_s"].sum() / 60
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
- Time: {minutes:.0f} minutes, if the noises and trainings had run one after the other
  ({profile["threads"]} thread{"s" * (profile["threads"] > 1)} each).
- Seeds: {seeds} for the {f"core rows {words.core}".strip()}, shown as
  mean ± standard deviation; {grid.seeds[0]} for all others. The noise is {noise}; the images are
  the same for all seeds.
- *last*: weights of the last epoch. *best*: of the epoch with the best accuracy on clean validation
  images, an oracle that somebody with poisoned images alone does not have.
- {f"{words.legend.strip()} All".strip()} errors are of clean test images, in per cent.
"""
    return text.strip()


def _claims(errors: Errors, grid: Grid, findings: Mapping[str, str]) -> list[str]:
    """The section on the claims; nothing for a grid without any."""
    rows, reasons = [], []
    published = {training: {0: error} for training, error in grid.published_errors().items()}
    for claim in read_claims(grid):
        verdict, theirs = claim.verdict(errors), claim.verdict(published)
        texts = (claim.rule, verdict.evidence, theirs.evidence)
        rows.append([claim.text, *(escaped(text) for text in texts), verdict.word])
        if verdict.holds is False:
            reason = findings.get(claim.name, "The reason is not found yet.").strip()
            reasons.append(f"**{claim.text}** {reason}")
    if not rows:
        return []
    table = markdown(("claim", "rule", "ours", "published", "here"), rows)
    why = ["### What fails here, and why", *reasons] if reasons else []
    return ["## Does it hold?", _RULES.format(worth=100 * WORTH_RESTORING), table, *why]


_RULES = """
Decided by the share that the noise takes: of the accuracy above chance that a training
reaches on clean images, the part that it loses on poisoned ones (last epoch, mean over
the seeds that all numbers of a claim have, each compared with itself on clean images).
0 % is nothing, 100 % is all of it. The rules hold on the published numbers.
† Of those data sets alone of which the noise takes at least {worth:.0f} % without
the defence; if there are none the claim is open, for there is nothing to restore.
""".strip()


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
