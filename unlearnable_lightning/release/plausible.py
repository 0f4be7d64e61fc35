"""Whether a release can be noise of the images that it was read beside."""

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import add
from unlearnable_lightning.release.orientation import check_orientation
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.rows import pieces

_SAMPLE = 1024  # images that are looked at, drawn by a fixed seed
_FEWEST = 8  # images of which a share says something
_NEARER = 0.97  # of noise that leaves images what they were
_DROWNED = 0.75  # of noise that drowns them: uniform ±255 on 8×8 images leaves 0.8, chance 0.5


def check_plausible(release: Release, images: Tensor, labels: Tensor) -> None:
    """Refuses noise that does nothing, images that are turned, and noise of other images or of
    another order of them.

    An image with its noise is nearer to itself than to another image; where the places of the
    images are wrong, it is so for one half of them.

    Args:
        release: read from a foreign file.
        images: uint8 [N, C, H, W], the clean images that it was read beside.
        labels: int64 [N].

    Raises:
        UnlearnableError: all zero, turned, or too few images that are nearer to themselves.
    """
    if not any(bool(piece.any()) for _, piece in pieces(release.difference)):
        raise UnlearnableError(
            "it changes no image: all differences are 0. Give the poisoned images, or the noise."
        )
    rows = torch.arange(len(images)) if release.rows is None else release.rows
    generator = torch.Generator().manual_seed(0)
    sample = rows[torch.randperm(len(rows), generator=generator)[:_SAMPLE]]
    if len(sample) < _FEWEST:
        return
    poisoned = add(images[sample], release.difference_for(labels[sample], sample))
    check_orientation(poisoned, images[sample])
    nearer, wanted = nearer_share(poisoned, images[sample])
    if nearer < wanted:
        raise UnlearnableError(
            f"only {nearer:.0%} of the poisoned images are nearer to their own clean image than "
            f"to another one, and at least {wanted:.0%} must be: the others differ from it as much "
            "as random images do. The noise was made for other data or another order of them: give "
            "the data that it was made for, or --from ShuffledImages, which matches images."
        )


def nearer_share(poisoned: Tensor, clean: Tensor) -> tuple[float, float]:
    """Share of images that are nearer to themselves than to another one, by contrast: each image
    minus its mean, over its deviation, so that a method may change brightness and contrast.

    Args:
        poisoned: uint8 [n, C, H, W].
        clean: uint8 [n, C, H, W], in the same, random order.

    Returns:
        The share, and the least that it must be with noise of this size.
    """
    changed, own = _standardised(poisoned), _standardised(clean)
    to_own = (changed - own).abs().sum(1)
    to_other = (changed - own.roll(1, 0)).abs().sum(1)
    drowned = to_own.median() > to_other.median() / 2
    return float((to_own <= to_other).float().mean()), _DROWNED if drowned else _NEARER


def _standardised(images: Tensor) -> Tensor:
    flat = images.flatten(1).float()
    flat = flat - flat.mean(1, keepdim=True)
    return flat / flat.std(1, correction=0, keepdim=True).clamp(min=1)
