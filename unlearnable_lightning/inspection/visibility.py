"""How visible a noise is: PSNR and SSIM of the released images."""

import math

from torchmetrics.functional.image import (
    structural_similarity_index_measure as structural_similarity,
)

from unlearnable_lightning.inspection.pair import Pair

WINDOW = 11  # pixels: a Gaussian of sigma 1.5 is cut there, as in the paper of SSIM
_CHUNK = 250  # images: SSIM holds five float copies of them
_REACH = WINDOW // 2


def psnr(pair: Pair) -> float:
    """Peak signal-to-noise ratio in dB, from the mean squared error of all images together.

    A mean over images would be infinite once one image is unchanged.
    """
    square = sum(part.square().sum().item() for part in pair.changes()) / pair.change.numel()
    return -10 * math.log10(square) if square else math.inf


def ssim(pair: Pair) -> float | None:
    """Mean structural similarity over windows that lie inside the image, at most 1.

    11×11 Gaussian windows of sigma 1.5, K 0.01 and 0.03, range 1. The index that torchmetrics
    returns counts windows over a reflected border too; these are cut off here.

    Returns:
        None for images that are smaller than a window.
    """
    if min(pair.clean.shape[2:]) < WINDOW:
        return None
    total, count = 0.0, 0
    for clean, poisoned in zip(pair.clean.split(_CHUNK), pair.poisoned.split(_CHUNK), strict=True):
        _, index = structural_similarity(
            poisoned.float() / 255,
            clean.float() / 255,
            sigma=1.5,
            kernel_size=WINDOW,
            data_range=1.0,
            return_full_image=True,
        )
        inside = index[:, :, _REACH:-_REACH, _REACH:-_REACH]
        total, count = total + inside.sum().item(), count + inside.numel()
    return total / count
