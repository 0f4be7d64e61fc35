"""The two files of an inspection: a page for people, numbers for programs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from unlearnable_lightning.files import replacing
from unlearnable_lightning.inspection.lines import tables
from unlearnable_lightning.inspection.measures import Measures
from unlearnable_lightning.inspection.page import Picture, page
from unlearnable_lightning.release import DataSource, Release

PAGE, NUMBERS = "inspect.html", "inspect.json"
_MOST_WORDS = 400  # letters of the arguments that the page shows


@dataclass(frozen=True)
class Subject:
    """What was inspected.

    Attributes:
        file: the noise, as the user named it.
        release: what it holds.
        source: of the clean images.
        seed: of the draw and the probes.
    """

    file: str
    release: Release | None
    source: DataSource
    seed: int

    @property
    def made_by(self) -> dict[str, Any]:
        """What the noise says of its maker."""
        return {} if self.release is None else self.release.made_by

    @property
    def bound(self) -> dict[str, Any] | None:
        """Norm and value of the bound that the noise declares."""
        bound = None if self.release is None else self.release.bound
        return None if bound is None else {"norm": bound.norm, "value": bound.value}


def write(
    folder: Path,
    subject: Subject,
    of: Measures,
    pictures: Sequence[Picture],
    class_names: Sequence[str],
) -> tuple[Path, Path]:
    """Writes `inspect.html` and `inspect.json`, each whole or not at all; returns their places."""
    plain = {
        "noise": subject.file,
        "kind": None if subject.release is None else subject.release.kind,
        "bound": subject.bound,
        "made_by": subject.made_by,
        "data": {
            "name": subject.source.name,
            "split": subject.source.split,
            "shape": list(subject.source.shape),
            "sha256": subject.source.sha256,
        },
        "seed": subject.seed,
        "version": version("unlearnable-lightning"),
        "measures": of.as_json(),
    }
    title = f"Noise {Path(subject.file).name}"
    html = page(title, about(subject, of), tables(of), pictures, class_names)
    texts = {PAGE: html, NUMBERS: json.dumps(plain, indent=2, allow_nan=False) + "\n"}
    for name, text in texts.items():
        with replacing(folder / name) as file:
            file.write(text.encode())
    return folder / PAGE, folder / NUMBERS


def about(subject: Subject, of: Measures) -> list[str]:
    """Sentences on what was inspected."""
    n, c, h, w = subject.source.shape
    share = 100 * of.changed / of.images
    sentences = [
        f"{subject.file}, on {n} images of {subject.source.name}/{subject.source.split} "
        f"({c}×{h}×{w}). It changes {of.changed} of them ({share:.1f} %); the measures are of "
        f"{of.inspected} of these, drawn by seed {subject.seed}, as they are released in 8 bits. "
        "No network was trained."
    ]
    made = subject.made_by
    if made:
        arguments = ", ".join(f"{key}={value}" for key, value in made.get("arguments", {}).items())
        words = f"{made.get('class_path', 'an unnamed method')} ({arguments})"
        if len(words) > _MOST_WORDS:
            words = f"{words[:_MOST_WORDS].rpartition(', ')[0]}, …)"
        sentences.append(f"Made by {words}.")
    if subject.release is not None and not subject.release.finished:
        sentences.append("Its run was interrupted: this is noise in the making.")
    return sentences
