"""Random sharpening and a frequency filter: Kim and Sandoval-Segura, "Learning from
Convolution-based Unlearnable Datasets", NeurIPS 2024 workshop, arXiv 2411.01742."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unlearnable_lightning.augment.check import check_float
from unlearnable_lightning.augment.eight_bits import eight_bits
from unlearnable_lightning.errors import UnlearnableError


class RandomSharpening(nn.Module):
    """Sharpen every image with a random 3×3 kernel (RSK), then keep its low frequencies (FF).

    The kernel has c ~ N(center, std²) in its middle, -n with n ~ N((c - 1) / 4, std²) above, below,
    left and right, and 0 in its corners, one kernel per image for all channels. The outermost
    pixels have no full window and become black: `RandomCropFlip(padding=3)` behind it is the
    paper's crop of 32 pixels out of 30 with 4 of padding. Of the orthonormal cosine transform (DCT)
    of what is left, the lowest ⌊keep · side⌋ rows and columns stay, at least one. Values are
    clipped after both steps.

    Args:
        center: mean of the kernel's middle, above 1; 2.5 in the paper.
        std: standard deviation of the five entries; 0 makes the fixed kernel (SSK).
        keep: share of the frequencies of each axis that stay, in (0, 1]; 1 leaves the filter out.

    Raises:
        UnlearnableError: an argument is out of range, or images have no pixel with a full window.

    Example:
        >>> sharp = RandomSharpening()(torch.rand(8, 3, 32, 32))
    """

    def __init__(self, center: float = 2.5, std: float = 0.1, keep: float = 0.3) -> None:
        if not 1 < center < math.inf or not 0 <= std < math.inf or not 0 < keep <= 1:
            raise UnlearnableError(
                f"RandomSharpening got center={center}, std={std} and keep={keep}, but center must "
                "be above 1 (1 sharpens nothing), std not negative, and keep in (0, 1]. Give "
                "2.5, 0.1 and 0.3."
            )
        super().__init__()
        self.center, self.std, self.keep = center, std, keep

    def forward(self, images: Tensor) -> Tensor:
        """Images [B, C, H, W] in [0, 1] to the same, at multiples of 1/255.

        Raises:
            UnlearnableError: H or W is below 3.
        """
        check_float("RandomSharpening", images)
        if min(images.shape[-2:]) < 3:
            raise UnlearnableError(
                f"RandomSharpening got images of {images.shape[-2]}×{images.shape[-1]} pixels, but "
                "its window has 3×3. Leave it out."
            )
        sharp = sharpened(images.float(), *self.draw(len(images), images.device)).clamp(0, 1)
        if self.keep < 1:
            sharp = low_frequencies(sharp, self.keep)
        return F.pad(eight_bits(sharp), (1, 1, 1, 1)).to(images.dtype)

    def draw(self, count: int, device: torch.device) -> tuple[Tensor, Tensor]:
        """Middle, float [count], and the four neighbours, float [count, 4], of each kernel."""
        middle = self.center + self.std * torch.randn(count, device=device)
        neighbours = self.std * torch.randn(count, 4, device=device)
        return middle, (middle[:, None] - 1) / 4 + neighbours

    def extra_repr(self) -> str:
        """The arguments, for `print(module)`."""
        return f"center={self.center}, std={self.std}, keep={self.keep}"


def sharpened(images: Tensor, middle: Tensor, neighbours: Tensor) -> Tensor:
    """middle · pixel - the weighted sum of its upper, lower, left and right neighbour.

    Args:
        images: float [B, C, H, W].
        middle: float [B].
        neighbours: float [B, 4].

    Returns:
        float [B, C, H - 2, W - 2], unclipped.
    """
    up, down, left, right = neighbours[:, :, None, None, None].unbind(1)
    return (
        middle[:, None, None, None] * images[..., 1:-1, 1:-1]
        - up * images[..., :-2, 1:-1]
        - down * images[..., 2:, 1:-1]
        - left * images[..., 1:-1, :-2]
        - right * images[..., 1:-1, 2:]
    )


def low_frequencies(images: Tensor, keep: float) -> Tensor:
    """Images [B, C, H, W] without the DCT coefficients above the lowest ⌊keep · side⌋."""
    by_rows, by_columns = (_low_pass(side, keep).to(images) for side in images.shape[-2:])
    return by_rows @ images @ by_columns


def _low_pass(side: int, keep: float) -> Tensor:
    """The projection [side, side] onto the lowest cosines, at least the constant."""
    kept = max(1, math.floor(keep * side + 1e-9))
    places = torch.arange(side, dtype=torch.float64)
    waves = torch.cos((2 * places + 1) * places[:kept, None] * torch.pi / (2 * side))
    waves /= waves.norm(dim=1, keepdim=True)
    return (waves.T @ waves).float()
