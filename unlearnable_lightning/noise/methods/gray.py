"""GrayAug: Liu et al., "Going Grayscale: The Road to Understanding and Improving Unlearnable
Examples", 2021, arXiv 2111.13244."""

from torch import Tensor, nn
from torchvision.transforms.functional import rgb_to_grayscale

from unlearnable_lightning.noise.steps_down import StepsDown


class GrayAug(StepsDown):
    """Error-minimizing noise that grayscale does not remove: one map for all channels of an image.

    Its T steps are taken through the grayscale of the view. The surrogate trains on the views in
    colour.

    Args:
        kwargs: as in `StepsDown` and `NoiseDriver`.

    Example:
        >>> module = GrayAug(epsilon="8/255", views=["RandomCropFlip"])
    """

    def delta_channels(self, channels: int) -> int:
        """One, for all of them alike."""
        return 1

    def noise_step(self, model: nn.Module, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """T steps down the loss on the one channel that all share."""
        views = self.views(images)
        gray = rgb_to_grayscale(views) if views.shape[1] == 3 else views
        return self.descend(AllChannels(model, images.shape[1]), gray, labels, delta)


class AllChannels(nn.Module):
    """A model of colour pictures, given gray ones of one channel: a step on that channel is a step
    on all of them alike."""

    def __init__(self, model: nn.Module, channels: int) -> None:
        super().__init__()
        self.model, self.channels = model, channels

    def forward(self, images: Tensor) -> Tensor:
        """Logits [B, K] of images [B, 1, H, W]."""
        logits: Tensor = self.model(images.expand(-1, self.channels, -1, -1))
        return logits
