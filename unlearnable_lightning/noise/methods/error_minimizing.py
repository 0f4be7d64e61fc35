"""Error-minimizing noise: Huang et al., "Unlearnable Examples", ICLR 2021, arXiv 2101.04898;
thesis, Algorithm 1."""

from torch import Tensor, nn

from unlearnable_lightning.noise.steps_down import StepsDown


class NoiseGenLightningModule(StepsDown):
    """Makes error-minimizing noise: what a network would learn in place of the picture.

    The surrogate trains on perturbed views; a sweep then takes T steps on each view that lower the
    surrogate's loss. Huang et al. take plain images for views, the thesis cropped and flipped ones.

    Args:
        kwargs: as in `StepsDown` and `NoiseDriver`.

    Example:
        >>> module = NoiseGenLightningModule(epsilon="8/255", views=["RandomCropFlip"])
    """

    def noise_step(self, model: nn.Module, images: Tensor, labels: Tensor, delta: Tensor) -> Tensor:
        """T steps down the loss, on one view of each image."""
        return self.descend(model, self.views(images), labels, delta)
