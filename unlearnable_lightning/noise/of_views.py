"""A model that sees views of what it is given, for noise that lies below the views."""

import torch
from torch import Tensor, nn

from unlearnable_lightning.attacks.reference import Reference
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.views import Views


class OfViews(nn.Module):
    """A model behind views: a gradient step on its input goes through a view drawn anew.

    Args:
        views: no part of this module, whose eval mode is not meant for them.
        model: images to logits.
    """

    def __init__(self, views: Views, model: nn.Module) -> None:
        super().__init__()
        self.training = model.training
        self.views, self.model = Reference(views), model

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, K] of images [B, C, H, W] in [0, 1]."""
        logits: Tensor = self.model(self.views.model(images))
        return logits


def check_gradient(views: Views, argument: str, shape: tuple[int, ...]) -> None:
    """Refuses views that no gradient comes back through; noise below them would not move.

    Args:
        views: to be tried on four random images.
        argument: what the error message calls them.
        shape: of an image, C, H, W.

    Raises:
        UnlearnableError: the pixels get no gradient, or 0 for all.
    """
    with torch.random.fork_rng(devices=[]), torch.enable_grad():
        torch.manual_seed(0)
        images = torch.rand(4, *shape, requires_grad=True)
        seen = views(images).square().sum()
        if seen.requires_grad and torch.autograd.grad(seen, images)[0].any():
            return
    names = ", ".join(type(each).__name__ for each in views)
    raise UnlearnableError(
        f"{argument} is {names}, through which no gradient comes back, but the noise lies below "
        "these views and moves by it. Leave out what rounds pixels; RandomShiftFlip, "
        "ContrastiveViews and RandomCropFlip have a gradient."
    )
