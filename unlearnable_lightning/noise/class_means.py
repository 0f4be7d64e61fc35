"""Class means of features: where each class lies for a network, and how far images are from it."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from unlearnable_lightning.attacks.features import Features, check_features
from unlearnable_lightning.noise.sweep import Sweep
from unlearnable_lightning.run import forward_context, reduce_sum


@torch.no_grad()
def class_means(models: Sequence[nn.Module], sweep: Sweep, classes: int) -> Tensor:
    """Mean features of each class over all plain training images. To be called on every rank.

    Args:
        models: frozen, in eval mode, images to logits; with as many features each.
        sweep: whose images they are. They are read once for all models.
        classes: K, of the data.

    Returns:
        float32 [models, K, D], the same on all ranks; NaN for a class without images.

    Raises:
        NonFiniteError: features that are infinite or NaN.
    """
    module, seen = sweep.module, [Features(model) for model in models]
    size = check_features(models[0], module.image_shape)
    sums = torch.zeros(len(models), classes, size, device=module.device)
    counts = torch.zeros(classes, device=module.device)
    for batch in sweep.batches("class means"):
        labels = batch["label"]
        counts += torch.bincount(labels, minlength=classes)
        for total, features in zip(sums, seen, strict=True):
            with forward_context(module.trainer):
                found = features(batch["image"])
            total.index_add_(0, labels, found)
    sums, counts = (reduce_sum(module.trainer, each) for each in (sums, counts))
    module.check_finite(sums, "the sum of the features of a class")
    return sums / counts[:, None]


def mean_square(features: Tensor, points: Tensor) -> Tensor:
    """Mean squared difference of features to points, both [B, D]: losses [B]."""
    return (features - points).square().mean(1)


def class_distances(features: Tensor, means: Tensor) -> Tensor:
    """`mean_square` of all features [B, D] to all class means [K, D]: [B, K]."""
    # without matrix products, whose differences of large squares lose digits
    apart = torch.cdist(features, means, compute_mode="donot_use_mm_for_euclid_dist")
    return apart.square() / features.shape[1]


@torch.no_grad()
def nearest_other(features: Tensor, means: Tensor, labels: Tensor) -> Tensor:
    """The class, not its own, whose mean is nearest to each image.

    Args:
        features: float [B, D].
        means: [K, D]; NaN for a class without images, which is never the nearest.
        labels: int64 [B].

    Returns:
        int64 [B].
    """
    distances = class_distances(features, means)
    distances.masked_fill_(distances.isnan(), torch.inf)
    return distances.scatter_(1, labels[:, None], torch.inf).argmin(1)
