"""UEraser: Qin et al., "Learning the Unlearnable: Adversarial Augmentations Suppress Unlearnable
Example Attacks", ICCV 2023 workshop, arXiv 2303.15127."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from unlearnable_lightning.augment import JPEG
from unlearnable_lightning.augment.ueraser_views import ueraser_views
from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.defences.base import Defence, Victim


class UEraser(Defence):
    """Trains on the worst of several strongly augmented views of each image.

    loss = mean over images of max over its views of CE(f(view), y). All views of a batch go through
    the network in one forward, so BatchNorm sees all of them. `lite` of the paper is copies 1;
    `max` is copies 5; the standard one has 5 in the first 50 epochs and 1 after them. Crop and flip
    stay where they are, in the data module's `augment`.

    Args:
        copies: views of each image, K; a training takes about K times as long.
        epochs: in how many first epochs; later ones take one view. Null for all epochs.
        jpeg: libjpeg quality of views, 1 to 100, for noise such as TAP and AR (the paper takes
            10); null leaves them as they are.

    Raises:
        UnlearnableError: a count below 1 (epochs: below 0), or a quality out of range.

    Example:
        >>> defence = UEraser(copies=5, epochs=50)
    """

    def __init__(self, copies: int = 5, epochs: int | None = None, jpeg: int | None = None) -> None:
        whole_number("copies", copies, 1, "UEraser needs at least 1 view, usually 5")
        if epochs is not None:
            whole_number("epochs", epochs, 0, "UEraser takes null for all epochs, or how many")
        self.copies, self.epochs = copies, epochs
        self.jpeg = None if jpeg is None else JPEG(quality=jpeg)

    def loss(self, victim: Victim, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """As in `Defence`; the logits are those of the worst views."""
        copies = self.copies if self.epochs is None or victim.epoch < self.epochs else 1
        with torch.no_grad():
            views = ueraser_views(images.repeat(copies, 1, 1, 1))
            views = views if self.jpeg is None else self.jpeg(views)
        logits = victim(views)
        losses = cross_entropy(logits, targets.repeat(copies, 1), reduction="none")
        worst, which = losses.view(copies, -1).max(0)
        rows = which * len(images) + torch.arange(len(images), device=which.device)
        return worst.mean(), logits[rows]
