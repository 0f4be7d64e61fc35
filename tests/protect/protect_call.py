"""What the tests of `protect` share."""

from collections.abc import Callable
from pathlib import Path

from PIL import Image

from unlearnable_lightning.data.shapes_images import CLASS_NAMES, draw_shapes

Call = Callable[..., str | int | None]


def shapes(root: Path, count: int, size: int, seed: int = 0, classes: int = 10) -> Path:
    """`count` drawn shapes of the first classes as root/<class>/<number>.png."""
    images, labels = draw_shapes(count, seed, size)
    for number, (image, label) in enumerate(zip(images, labels.tolist(), strict=True)):
        if label < classes:
            path = root / CLASS_NAMES[label] / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image.permute(1, 2, 0).numpy()).save(path)
    return root
