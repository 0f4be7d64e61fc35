"""A release laid on images, in 8 bits, as a defender would publish them."""

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.pixels import add, as_indices, check_images
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource, fingerprint

_CHUNK = 2**24  # bytes of images at a time: int16 sums of all of CIFAR-10 would take 307 MB more


class NoiseMismatchError(UnlearnableError):
    """The release was made for other data than it is laid on."""


def poison(images: Tensor, labels: Tensor, release: Release) -> Tensor:
    """Lays `release` on the data set that it was made for.

    Args:
        images: uint8 [N, C, H, W], all images of the data set in their order.
        labels: [N], of any integer dtype.
        release: made for these images.

    Returns:
        uint8 [N, C, H, W]; `images` stay as they are.

    Raises:
        UnlearnableError: another dtype, shape or range, such as float images.
        NoiseMismatchError: other images, labels, or another order of them (by fingerprint).
    """
    labels = check_made_for(release, images, labels)
    return apply(images, labels, release)


def check_made_for(release: Release, images: Tensor, labels: Tensor) -> Tensor:
    """The labels as int64, once images and labels are those that the release was made for.

    Arguments and errors as for `poison`.
    """
    check_images(images)
    labels = as_indices(labels, "labels", len(release.source.class_names))
    n, c, h, w = images.shape
    if len(labels) != n:
        raise UnlearnableError(f"{n} images and {len(labels)} labels; give a label for each image.")
    sha256 = fingerprint(images, labels)
    names = release.source.class_names
    check_fits(release, DataSource("the images", "as given", (n, c, h, w), names, sha256))
    return labels


def apply(images: Tensor, labels: Tensor, release: Release) -> Tensor:
    """What `poison` does once `check_fits` has passed: clip(images + difference, 0, 255).

    Arguments, result and errors as for `poison`, but fingerprints are not compared.
    """
    poisoned = images.clone()
    changed = torch.arange(len(images)) if release.rows is None else release.rows
    for rows in changed.split(max(1, _CHUNK // images[0].numel())):
        difference = release.difference_for(labels[rows], rows).to(images.device)
        poisoned[rows] = add(images[rows], difference)
    return poisoned


def check_fits(release: Release, source: DataSource) -> None:
    """Refuses a release that was made for other data.

    Raises:
        NoiseMismatchError: says which of shape, count, classes or fingerprint differs.
    """
    made_for = release.source
    differences = [
        f"{what} {theirs} there, {ours} here"
        for what, theirs, ours in (
            ("images", made_for.shape[0], source.shape[0]),
            ("image shape", made_for.shape[1:], source.shape[1:]),
            ("classes", len(made_for.class_names), len(source.class_names)),
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
