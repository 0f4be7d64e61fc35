"""The page of results: ours beside the thesis's, and whether its claims hold."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from experiments import figures, results
from experiments.claims import CLAIMS, WORTH, Errors
from experiments.grid import Grid, published_errors
from experiments.tables import TITLES, sections

CAPTIONS = {
    "curves": (
        "Training curves (cf. Figures 3.1, 3.2 and A.1)",
        "First seed. Where the noise works, the training loss falls at once and the error on clean "
        "validation images rises or stays.",
    ),
    "masks": (
        "The noise (cf. Figures 3.3, 3.8, A.2 and A.3)",
        "First seed; black is -epsilon, mid-grey none, white +epsilon. S and G: of the first "
        "images. C: of each class.",
    ),
    "jpeg": ("JPEG (cf. Figure 3.4)", ""),
    "grayscale_jpeg": ("Grayscale and JPEG (cf. Figure 3.5)", ""),
    "noise": ("Random noise (cf. Figure 3.6)", ""),
    "grayscale_noise": ("Grayscale and random noise (cf. Figure 3.7)", ""),
    "dropout_blur": ("Coarse dropout and median blur (cf. Figure A.4)", ""),
    "adversarial_examples": (
        "Adversarial examples (cf. Figure 2.3)",
        "Clean test images, what the attack adds at 8/255 (mid-grey is nothing), and the sum, each "
        "with the class that the model trained on clean images sees.",
    ),
    "augmentations": (
        "The augmentations (cf. Figure A.5)",
        "Training images; the names are those of `configs/augment`.",
    ),
}
BARS = (
    "Filled: ours, mean over the seeds. Outlined: the thesis's, read off its figure (about ±0.4). "
    "Red line: ours without it."
)


def write(path: Path, table: Path, profile: dict[str, Any], grid: Grid) -> None:
    """Writes the page.

    Args:
        path: of the Markdown file; pictures and `results.csv` lie in the folder of the same name.
        table: `results.csv`.
        profile: one of `profiles/`.
        grid: what was run.
    """
    read = results.read(table)
    parts = [
        f"# Results: the thesis's experiments at the profile `{profile['name']}`",
        _origin(results.read_all(table), profile, grid, path),
        _claims(results.errors_by_seed(read), profile.get("findings", {})),
        _tables(read, grid),
        _pictures(path, grid),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _origin(table: pd.DataFrame, profile: dict[str, Any], grid: Grid, path: Path) -> str:
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
The column *published* and the outlines in the bar charts are **not ours**: they are the numbers of
the thesis "Exploring Unlearnable Examples" (2021; ResNet-18, all of CIFAR-10, 200 epochs), those
with ≈ read off its figures, and in the last table those of Liu et al. ("Going Grayscale").

{profile["about"].strip()}

- Command: `make results PROFILE={profile["name"]}{rows} DATA=FOLDER`, which made this page, its
  pictures and [all runs as one table]({path.stem}/results.csv).
- {(runs["training"] != results.NOISE).sum()} of the {whole} trainings of the whole grid.
- Time: {minutes:.0f} minutes, if the noises and trainings had run one after the other
  ({profile["threads"]} thread{"s" * (profile["threads"] > 1)} each).
- Seeds: {seeds} for the core rows (Tables 3.3 and 3.5, PGD 8/255 of Table 3.4), shown as
  mean ± standard deviation; {grid.seeds[0]} for all others. The noise is {noise}; the images are
  the same for all seeds.
- *last*: weights of the last epoch. *best*: of the epoch with the best accuracy on clean validation
  images, an oracle that somebody with poisoned images alone does not have.
- S2, S4, S8: sample-wise noise at 2, 4 and 8/255; C: class-wise; \\*: made on grayscale images;
  G8: GrayAug at 8/255. All errors are of clean test images, in per cent.
"""
    return text.strip()


def _claims(errors: Errors, findings: dict[str, str]) -> str:
    lines = [
        "## Does it hold?",
        "",
        "Decided by the share that the noise takes: of the accuracy above chance that a training",
        "reaches on clean images, the part that it loses on poisoned ones (last epoch, mean over",
        "the seeds that all numbers of a claim have, each compared with itself on clean images).",
        "0 % is nothing, 100 % is all of it. The rules hold on the published numbers.",
        f"† Of those data sets alone of which the noise takes at least {100 * WORTH:.0f} % without",
        "the defence; if there are none the claim is open, for there is nothing to restore.",
        "",
        "| claim | rule | ours | published | here |",
        "| --- | --- | --- | --- | --- |",
    ]
    reasons = []
    published = {training: {0: error} for training, error in published_errors().items()}
    for claim in CLAIMS:
        verdict = claim.verdict(errors)
        ours, theirs = (
            each.evidence.replace("*", "\\*") for each in (verdict, claim.verdict(published))
        )
        rule = claim.rule.replace("*", "\\*")
        lines.append(f"| {claim.text} | {rule} | {ours} | {theirs} | {verdict.word} |")
        if verdict.holds is False:
            reason = findings.get(claim.name, "The reason is not found yet.").strip()
            reasons.append(f"**{claim.text}** {reason}")
    if reasons:
        lines += ["", "### What fails here, and why", "", "\n\n".join(reasons)]
    return "\n".join(lines)


def _tables(table: pd.DataFrame, grid: Grid) -> str:
    parts = ["## The tables"]
    for source, text in sections(table, grid).items():
        heading = f"### {source}: {TITLES[source]}"
        if text.count("\n") > 30:
            rows = text.count("\n") - 1
            text = f"<details><summary>{rows} rows</summary>\n\n{text}\n\n</details>"
        parts += [heading, text]
    return "\n\n".join(parts)


def _pictures(path: Path, grid: Grid) -> str:
    parts = ["## The figures"]
    for name in figures.names(grid):
        title, caption = CAPTIONS[name]
        parts += [f"### {title}", f"![{title}]({path.stem}/{name}.png)", caption or BARS]
    return "\n\n".join(parts)
