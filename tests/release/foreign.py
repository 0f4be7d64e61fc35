"""Forty images, and releases for them that exercise every shape of one."""

import torch

from unlearnable_lightning.data.shapes_images import CLASS_NAMES, draw_shapes
from unlearnable_lightning.release import DataSource, Release, fingerprint
from unlearnable_lightning.release.formats import import_release

N, K, SIZE = 40, len(CLASS_NAMES), (3, 16, 16)
IMAGES, LABELS = draw_shapes(N, seed=0, image_size=16)
SOURCE = DataSource("toys", "train", (N, *SIZE), CLASS_NAMES, fingerprint(IMAGES, LABELS))
ROWS = torch.tensor([1, 4, 5, 9, 20, 33])


def some_release(kind: str = "samplewise", levels: int = 8, partial: bool = False) -> Release:
    """Uniform noise of up to so many grey levels; `partial` changes six images."""
    rows = ROWS if partial else None
    count = K if kind == "classwise" else len(ROWS) if partial else N
    random = torch.Generator().manual_seed(0)
    difference = torch.randint(-levels, levels + 1, (count, *SIZE), generator=random)
    dtype = torch.int8 if levels <= 127 else torch.int16
    return Release(difference.to(dtype), kind, SOURCE, rows=rows)


def read(path: object, spec: object = None) -> tuple[Release, str]:
    """The release of a file, and the name of the format that was found."""
    release, form = import_release(str(path), spec, IMAGES, LABELS, SOURCE)  # type: ignore[arg-type]
    return release, type(form).__name__
