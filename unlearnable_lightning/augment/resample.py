"""Bilinear resampling along rows and columns: shifts, crops, zooms and mirrors of each image."""

import torch
from torch import Tensor


def resample(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Reads every image at (row, column), between pixels by bilinear weights; outside it is black.

    Two small products per image, because rows and columns part. Their gradient is deterministic
    on a GPU, which that of `grid_sample` is not.

    Args:
        images: float [B, C, H, W] in [0, 1].
        rows: where each row of the result lies in the image, in pixels from 0 to H - 1; [B, H'].
        columns: likewise, [B, W'].

    Returns:
        [B, C, H', W'] in [0, 1], of the dtype of the images; differentiable in them.
    """
    batch, channels, height, width = images.shape
    with torch.autocast(images.device.type, enabled=False):  # bfloat16 has not even grey levels
        exact = images.to(torch.promote_types(images.dtype, torch.float32))
        across = _tents(columns, width).to(exact.dtype).mT
        down = _tents(rows, height).to(exact.dtype)[:, None].expand(-1, channels, -1, -1)
        wide = (exact.reshape(batch, channels * height, width) @ across).view(
            batch, channels, height, columns.shape[1]
        )
        result = down @ wide
    # white may round above 1; the gradient there is that of the product all the same
    return (result + (result.detach().clamp(0, 1) - result.detach())).to(images.dtype)


def _tents(places: Tensor, size: int) -> Tensor:
    """Weights [B, n, size] of the pixels around each place [B, n]; a pixel outside, all are 0."""
    pixels = torch.arange(size, device=places.device)
    return (1 - (places[:, :, None] - pixels).abs()).clamp_(min=0)
