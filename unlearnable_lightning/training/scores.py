"""Loss, accuracy and error of one pass over some images."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torchmetrics import Metric


class Scores(Metric):
    """Sums batch by batch, divides at the end, over all devices.

    One metric of three sums: a `MeanMetric` beside a `MulticlassAccuracy` takes twice as long per
    batch (CPU, 128 × 10 logits), and the former passes over losses that are NaN.
    """

    full_state_update = False
    loss: Tensor
    correct: Tensor
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name in ("loss", "correct", "count"):
            self.add_state(name, torch.zeros(()), dist_reduce_fx="sum")

    @torch.no_grad()
    def update(self, logits: Tensor, labels: Tensor) -> None:
        """Takes in a batch: float [B, K], and int64 [B] or shares of the classes, float [B, K], of
        which the largest is the label that must be met."""
        self.loss += cross_entropy(logits.float(), labels, reduction="sum")
        right = labels if labels.ndim == 1 else labels.argmax(1)
        self.correct += (logits.argmax(1) == right).sum()
        self.count += len(labels)

    def compute(self) -> dict[str, Tensor]:
        """`loss` (mean cross-entropy), `accuracy` and `error` in [0, 1]."""
        accuracy = self.correct / self.count
        return {"loss": self.loss / self.count, "accuracy": accuracy, "error": 1 - accuracy}

    def pop(self, prefix: str = "") -> dict[str, Tensor]:
        """What `compute` gives, by prefixed names; then starts anew."""
        results = {f"{prefix}{name}": value for name, value in self.compute().items()}
        self.reset()
        return results
