"""Class-mean subtraction: enough against class-wise noise."""

import torch
from torch import Tensor

from unlearnable_lightning.defences.leak_models.base import LeakModel


class ClassMean(LeakModel):
    """Subtracts the mean noise of the class: x - mean over its pairs of (protected - clean).

    A class without a pair stays as it is.
    """

    def fit(self, protected: Tensor, clean: Tensor, labels: Tensor) -> None:
        """As in `LeakModel`."""
        self.means = class_means(protected - clean, labels)

    def denoise(self, protected: Tensor, labels: Tensor) -> Tensor:
        """As in `LeakModel`."""
        return protected - of_class(self.means, labels)


def class_means(values: Tensor, labels: Tensor) -> Tensor:
    """Means [K, …] of values [n, …] by label, K the largest label + 1; 0 for one without any."""
    classes = int(labels.max()) + 1
    sums = values.new_zeros(classes, *values.shape[1:]).index_add_(0, labels, values)
    counts = torch.bincount(labels, minlength=classes).clamp(min=1)
    return sums / counts.view(-1, *[1] * (values.ndim - 1))


def of_class(means: Tensor, labels: Tensor) -> Tensor:
    """The mean [B, …] of each label; 0 for a label that `means` does not reach."""
    known = labels < len(means)
    found = means[torch.where(known, labels, 0)]
    return found * known.view(-1, *[1] * (found.ndim - 1))
