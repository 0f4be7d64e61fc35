"""`python -m benchmarks.survives [METHOD …]`: what is left of laid noise after what the net does.

Drawn shapes, protected in memory as `unlearnable protect` does it, then resized, cropped, saved as
JPEG. Of each: how strong the noise still is (root mean square in grey levels, along what the same
resize makes of the noise alone), and how many clean pictures a small network recognises that was
trained on what came out, brought to 32 pixels.
"""

import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import RandomResizedCrop

from unlearnable_lightning.data.shapes_images import draw_shapes
from unlearnable_lightning.pixels import add
from unlearnable_lightning.protect.arguments import Arguments
from unlearnable_lightning.protect.check import accuracy
from unlearnable_lightning.protect.given import GivenImages
from unlearnable_lightning.protect.lay import strips
from unlearnable_lightning.protect.make import levels_of, make_noise
from unlearnable_lightning.protect.quiet import quiet

PICTURES, TESTED, SIDE, SEEN, SIZES = 400, 200, 96, 32, (32, 64)
Change = Callable[[Image.Image], Image.Image]


def resized(size: int) -> Change:
    return lambda picture: picture.resize((size, size), Image.Resampling.BILINEAR)


def cropped(picture: Image.Image) -> Image.Image:
    crop: Image.Image = RandomResizedCrop(picture.width, scale=(0.3, 1))(picture)
    return crop


def jpeg(quality: int) -> Change:
    def change(picture: Image.Image) -> Image.Image:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality)
        return Image.open(file)

    return change


JPEGS: dict[str, Change] = {f"JPEG {quality}": jpeg(quality) for quality in (95, 75, 50)}
CHANGES: dict[str, Change] = {
    "nothing": lambda picture: picture,
    **{f"resize to {size}": resized(size) for size in (32, 64, 96, 224)},
    "random resized crop": cropped,
    "rescale ×0.9": resized(round(0.9 * SIDE)),
    **JPEGS,
}


def changed(images: Tensor, change: Change) -> Tensor:
    """uint8 [N, 3, H, W] to the same with another size; random changes are the same for each
    call."""
    torch.manual_seed(0)
    found = [change(Image.fromarray(image.permute(1, 2, 0).numpy())) for image in images]
    return torch.stack([torch.from_numpy(np.array(each)).permute(2, 0, 1) for each in found])


def laid(images: Tensor, levels: Tensor, limit: int) -> Tensor:
    """Protected pictures, uint8 [N, 3, H, W]."""
    noise = [
        torch.cat([rows for _, rows in strips(each, *images.shape[2:], limit)], dim=1)
        for each in levels
    ]
    return add(images, torch.stack(noise))


def strength(clean: Tensor, protected: Tensor, change: Change, name: str) -> float:
    """Root mean square of what a change leaves of the noise. JPEG makes errors of its own: only
    what lies along the noise counts."""
    left = changed(protected, change).float() - changed(clean, change).float()
    noise = protected.float() - clean.float() if name in JPEGS else left
    return float((left * noise).sum() / noise.square().sum().sqrt() / noise.numel() ** 0.5)


def seen(images: Tensor) -> Tensor:
    """As a network gets them: [N, 3, 32, 32] in [0, 1]."""
    return changed(images, resized(SEEN)).float() / 255


def table(method: str, size: int) -> str:
    clean, labels = draw_shapes(PICTURES, 0, SIDE)
    test, truth = draw_shapes(TESTED, 1, SIDE)
    given = Arguments(
        Path(), Path(), method, "8/255", size, rounds=30, seed=0, labels=None, format="png",
        keep_metadata=False,
    )  # fmt: skip
    small = changed(clean, resized(size))
    with tempfile.TemporaryDirectory() as folder, quiet():
        data = GivenImages(small, labels, 10, batch_size=64)
        release = make_noise(given.build(10), data, given.rounds, Path(folder))
    protected = laid(clean, levels_of(release, labels, given.limit), given.limit)
    rows = []
    for name, change in CHANGES.items():
        found = [
            accuracy(seen(changed(images, change)), labels, seen(test), truth, seed=1)
            for images in (clean, protected)
        ]
        left = strength(clean[:50], protected[:50], change, name)
        rows.append(f"| {name} | {left:.1f} | {found[0]:.0%} | {found[1]:.0%} |")
        print(rows[-1], flush=True)
    head = f"| {method} at {size}: what happens | noise, levels | clean | protected |"
    return "\n".join([head, "| --- | ---: | ---: | ---: |", *rows])


if __name__ == "__main__":
    for method in sys.argv[1:] or ["NoiseGenLightningModule"]:
        for size in SIZES:
            print(table(method, size), flush=True)
