"""Noise laid on images, in 8 bits, as a defender would publish them."""

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.file import Noise
from unlearnable_lightning.noise.source import DataSource


class NoiseMismatchError(UnlearnableError):
    """The noise was made for other data than it is laid on."""


def add_noise(images: Tensor, grey_levels: Tensor) -> Tensor:
    """clip(images + noise, 0, 255), exact in 8 bits.

    Args:
        images: uint8 [B, C, H, W].
        grey_levels: int8, the same shape.

    Returns:
        uint8 [B, C, H, W].
    """
    return images.to(torch.int16).add_(grey_levels).clamp_(0, 255).to(torch.uint8)


def poison(images: Tensor, labels: Tensor, noise: Noise) -> Tensor:
    """Lays `noise` on a whole data set.

    Args:
        images: uint8 [N, C, H, W].
        labels: int64 [N].
        noise: sample-wise with N rows, or class-wise with a row per class.

    Returns:
        uint8 [N, C, H, W].
    """
    return add_noise(images, noise.rows(labels))


def check_fits(noise: Noise, source: DataSource) -> None:
    """Refuses noise that was made for other data.

    Raises:
        NoiseMismatchError: says which of shape, count, classes or fingerprint differs.
    """
    made_for = noise.source
    rows = made_for.shape[0] if noise.kind == "samplewise" else len(made_for.class_names)
    differences = [
        f"{what} {theirs} there, {ours} here"
        for what, theirs, ours in (
            ("images", made_for.shape[0], source.shape[0]),
            ("image shape", made_for.shape[1:], source.shape[1:]),
            ("classes", len(made_for.class_names), len(source.class_names)),
            ("rows of noise", tuple(noise.values.shape), (rows, *source.shape[1:])),
        )
        if theirs != ours
    ]
    if not differences and made_for.sha256 != source.sha256:
        differences = ["the images or labels themselves (another subset, seed or order)"]
    if differences:
        raise NoiseMismatchError(
            f"this noise was made for {made_for.name}/{made_for.split} and does not fit "
            f"{source.name}/{source.split}: {'; '.join(differences)}. Use the data arguments that "
            "it was made with (train_subset, seed, image_size), or make noise for this data."
        )
