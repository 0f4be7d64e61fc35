"""The first layer of every model here, so that attacks and noise live in pixel space."""

from torch import Tensor, nn


class Normalize(nn.Module):
    """(images - mean) / std with one mean and one std for all channels.

    Args:
        mean: of the pixels, in [0, 1].
        std: of the pixels. 0.5 and 0.25 bring any photo near zero mean and unit variance; the
            exact values of a data set change nothing that the next layer could not learn.
    """

    def __init__(self, mean: float = 0.5, std: float = 0.25) -> None:
        super().__init__()
        self.mean = mean
        self.std = std

    def forward(self, images: Tensor) -> Tensor:
        """Normalized pixels, of the shape of the images."""
        return (images - self.mean) / self.std

    def extra_repr(self) -> str:
        """What `print` shows of it."""
        return f"mean={self.mean}, std={self.std}"
