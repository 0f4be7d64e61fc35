"""What a release leaves in the run folder: its file and a picture of it."""

from pathlib import Path

import lightning as L
import torch
from lightning.pytorch.loggers import TensorBoardLogger
from torch import Tensor
from torchvision.utils import make_grid, save_image

from unlearnable_lightning.data import ImageDataset
from unlearnable_lightning.files import replacing
from unlearnable_lightning.noise.colour_and_grain import colour_and_grain
from unlearnable_lightning.noise.figure import mask, triples
from unlearnable_lightning.noise.sharded_release import save_by_ranks
from unlearnable_lightning.release import Release
from unlearnable_lightning.rows import Rows


def write_release(
    path: Path, release: Release, dataset: ImageDataset, trainer: L.Trainer, step: int
) -> None:
    """Writes the release and `noise.png` beside it: clean, noise and poisoned, one of each class.
    To be called on every rank; rank 0 writes, and all of them a release whose rows lie in files.

    Args:
        path: of the release.
        release: of the images of `dataset`.
        dataset: the training images.
        trainer: its loggers get colour and grain of the noise, those of TensorBoard also the
            picture and the first 64 masks.
        step: where these go in a log.
    """
    if isinstance(release.difference, Rows):
        save_by_ranks(path, release, trainer)
    elif trainer.is_global_zero:
        release.save(path)
    if not trainer.is_global_zero:
        return
    rows = one_per_class(dataset.labels)
    grey_levels = release.difference_for(dataset.labels[rows], rows)
    grid = triples(
        dataset.clean.index_select(0, rows),
        grey_levels,
        release.amplitude,
        _scale(dataset.source.shape[2]),
    )
    with replacing(path.with_name("noise.png")) as file:
        save_image(grid, file, format="png")
    found = colour_and_grain(release, dataset) if trainer.loggers else {}
    for logger in trainer.loggers:
        logger.log_metrics(found, step)
        if isinstance(logger, TensorBoardLogger):
            logger.experiment.add_image("noise/triples", grid, step)
            first = torch.arange(min(64, len(release.difference)))
            noise = release.difference.index_select(0, first)
            masks = make_grid(mask(noise, release.amplitude))
            logger.experiment.add_image("noise/masks", masks, step)


def _scale(height: int) -> int:
    """How many times larger than life a picture is shown: 224 pixels, three times as large, are a
    grid of 160 MB."""
    return max(1, min(3, 192 // height))


def one_per_class(labels: Tensor, count: int = 10) -> Tensor:
    """Rows of the first image of each class, at most `count` of them; int64."""
    return torch.stack([(labels == label).nonzero()[0, 0] for label in labels.unique()[:count]])
