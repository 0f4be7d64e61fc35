"""The seam of the defences: hooks, each of which does nothing by default."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot


@dataclass(frozen=True)
class Victim:
    """The network in training, as a loss sees it.

    Attributes:
        model: images [B, C, H, W] in [0, 1] to logits [B, K], in train mode, with gradients.
        freeze: gives the same network with its weights of this moment in eval mode, to be attacked.
        epoch: how many epochs are behind.
    """

    model: nn.Module
    freeze: Callable[[], nn.Module]
    epoch: int = 0

    def __call__(self, images: Tensor) -> Tensor:
        """Logits [B, K]."""
        logits: Tensor = self.model(images)
        return logits


class Defence:
    """What a victim's trainer does against noise. A child overrides the hooks that it needs.

    A list of defences is applied in order; at most one of them may have a loss of its own. Random
    draws come from torch's own stream, which the module seeds for each epoch and rank, so a
    resumed training repeats them; `on_dataset` seeds its draws itself.
    """

    def leak(self, clean: Tensor, labels: Tensor) -> Tensor | None:
        """What an attacker may know of the clean images, before `on_dataset`. A defence that
        simulates a leak keeps the originals that leak, and nothing of the others.

        Args:
            clean: uint8 [N, C, H, W], the training images before noise.
            labels: int64 [N].

        Returns:
            Rows to train on, int64, ascending; None for all of them.
        """
        return None

    def on_dataset(self, images: Tensor, labels: Tensor) -> Tensor:
        """Other training images, made once before training.

        Args:
            images: uint8 [N, C, H, W] (or what the defence before this one made of them).
            labels: int64 [N].

        Returns:
            uint8 [N, C, H, W], or float32 of that shape in pixels of [0, 1], which may leave the
            range.
        """
        return images

    def on_batch(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Another batch, after the augmentations.

        Args:
            images: float [B, C, H, W] in [0, 1].
            targets: float [B, K], the share of each class; rows sum to 1.

        Returns:
            Images and targets of the same shapes.
        """
        return images, targets

    def loss(self, victim: Victim, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """What the weight step minimises.

        Args:
            victim: the network in training.
            images: float [B, C, H, W] in [0, 1].
            targets: float [B, K], rows sum to 1.

        Returns:
            The loss, a scalar, and the logits [B, K] that the training accuracy counts.
        """
        logits = victim(images)
        return cross_entropy(logits, targets), logits

    def on_epoch_end(self, victim: Victim) -> dict[str, float]:
        """What is to be logged after an epoch, by name. It must leave the random stream alone.

        Args:
            victim: the network in training.
        """
        return {}


def soft(labels: Tensor, classes: int, smoothing: float = 0.0) -> Tensor:
    """Labels int64 [B] as shares of the classes, float [B, K].

    Args:
        labels: from 0 to K - 1.
        classes: K.
        smoothing: share that all classes divide among them; the label has the rest and its part.
    """
    return (1 - smoothing) * one_hot(labels, classes).float() + smoothing / classes
