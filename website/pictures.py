"""`python -m website.pictures [NAME…]`: the pictures of docs/noises/, from drawn shapes.

Small on purpose: 500 images and a few rounds for methods that need a surrogate. A picture shows
what a noise looks like, not how strong it is.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import lightning as L
from PIL import Image

from unlearnable_lightning import Release, ShapesDataModule
from unlearnable_lightning.noise import NoiseDriver, triples
from website.entries import ROOMS, Entry, entries

FOLDER = Path(__file__).parents[1] / "docs" / "noises"
QUICK: dict[str, Any] = {"model": "cnn_small", "steps": 5, "step_size": "4/255", "model_steps": 15}
FEW: dict[str, dict[str, Any]] = {
    "SEM": {"samples": 1, "attack_steps": 2},
    "REM": {"samples": 1, "attack_steps": 2},
    "SEP": {"members": 3},
    "EntF": {"reference_steps": 2},
}


def draw(entry: Entry) -> None:
    """Writes the picture of a noise: clean, noise, poisoned, six classes."""
    gradient = issubclass(entry.cls, NoiseDriver)
    method = entry.cls(**QUICK, **FEW.get(entry.name, {})) if gradient else entry.cls()
    L.seed_everything(0)
    data = ShapesDataModule(train_size=500)
    with tempfile.TemporaryDirectory() as folder:
        trainer = L.Trainer(
            max_epochs=3,
            default_root_dir=folder,
            accelerator="cpu",
            enable_progress_bar=False,
            enable_model_summary=False,
        )
        trainer.fit(method, data)
        release = Release.load(f"{trainer.log_dir}/noise.safetensors")
    labels = data.train_set.labels
    rows = [int((labels == label).nonzero()[0, 0]) for label in range(6)]
    noise = release.difference[labels[rows] if release.kind == "classwise" else rows]
    grid = triples(data.train_set.clean[rows], noise, release.amplitude, scale=2)
    pixels = (grid * 255).round().byte().permute(1, 2, 0).numpy()
    Image.fromarray(pixels).save(FOLDER / f"{entry.file}.png", optimize=True)


if __name__ == "__main__":
    for each in entries(ROOMS[0]):
        if len(sys.argv) == 1 or each.file in sys.argv[1:]:
            draw(each)
