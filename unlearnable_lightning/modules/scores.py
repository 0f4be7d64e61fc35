"""Loss, accuracy and error of one pass over some images."""

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassAccuracy


class Scores(nn.Module):
    """Accumulates batch by batch, computes at the end, over all devices. (There the Trainer's
    sampler repeats an image or two where the images do not divide evenly, and those count twice.)

    Args:
        num_classes: K.
    """

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.loss = MeanMetric()
        self.accuracy = MulticlassAccuracy(num_classes, average="micro", validate_args=False)

    @torch.no_grad()
    def update(self, logits: Tensor, labels: Tensor) -> None:
        """Takes in a batch: float [B, K] and int64 [B]."""
        loss = cross_entropy(logits.float(), labels)
        self.loss.update(loss, weight=len(labels))
        self.accuracy.update(logits, labels)

    def compute(self, prefix: str = "") -> dict[str, Tensor]:
        """`loss` (mean cross-entropy), `accuracy` and `error` in [0, 1]; then starts anew."""
        loss, accuracy = self.loss.compute(), self.accuracy.compute()
        self.loss.reset()
        self.accuracy.reset()
        return {
            f"{prefix}loss": loss,
            f"{prefix}accuracy": accuracy,
            f"{prefix}error": 1 - accuracy,
        }
