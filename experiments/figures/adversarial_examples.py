"""Figure 2.3: an image, what an attack adds, and the adversarial example, with predictions."""

from pathlib import Path

import pandas as pd
import torch
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from experiments import words
from experiments.figures.images import data_of, shown_folder
from experiments.grid import Grid
from unlearnable_lightning import ClassifierModule
from unlearnable_lightning.attacks import fgsm, pgd
from unlearnable_lightning.rows import whole

EXAMPLES = 3
EPSILON = 8 / 255


def draw(figure: words.Figure, table: pd.DataFrame, runs: Path, grid: Grid) -> Figure:
    """A row per attack and image: test images that the model classifies right, if there are any."""
    run = runs / shown_folder(figure, grid)
    data = data_of(run)
    checkpoint = run / "checkpoints" / "last.ckpt"
    model = ClassifierModule.load_from_checkpoint(checkpoint, map_location="cpu").eval()
    images, labels = whole(data.test_set.images)[:100] / 255, data.test_set.labels[:100]
    with torch.no_grad():
        right = (model(images).argmax(1) == labels).nonzero()[:, 0]
    chosen = torch.cat([right, torch.arange(EXAMPLES)])[:EXAMPLES]
    images, labels = images[chosen], labels[chosen]
    torch.manual_seed(0)
    added = {
        "FGSM": fgsm(model, images, labels, epsilon=EPSILON),
        "PGD": pgd(model, images, labels, epsilon=EPSILON, step_size=EPSILON / 10, steps=20),
    }
    drawn, axes = plt.subplots(2, 3 * EXAMPLES, figsize=(12, 3.3))
    for row, (attack, delta) in zip(axes, added.items(), strict=True):
        shown = torch.stack([images, delta / (2 * EPSILON) + 0.5, images + delta], dim=1)
        with torch.no_grad():
            before, after = (model(x).argmax(1).tolist() for x in (images, images + delta))
        titles = [
            text
            for i in range(EXAMPLES)
            for text in (data.class_names[before[i]], attack, data.class_names[after[i]])
        ]
        for ax, picture, title in zip(row, shown.flatten(0, 1), titles, strict=True):
            ax.imshow(picture.clamp(0, 1).permute(1, 2, 0))
            ax.set_title(title, fontsize=9)
            ax.set_axis_off()
    drawn.tight_layout()
    return drawn
