"""Fractal brightness and contrast: a cloud over every image and channel."""

import torch
from torch import Tensor


def clouds(count: int, height: int, width: int, roughness: Tensor) -> Tensor:
    """Diamond-square maps in [0, 1].

    Four random corners, then the grid is doubled until it covers the image. Every new node is
    (1 - s) · the mean of its neighbours + s · U(0, 1), and s = roughness, roughness², ….

    Args:
        count: of maps for each value of `roughness` (an image's channels).
        height: of a map.
        width: of a map.
        roughness: float [B] in (0, 1).

    Returns:
        float [B, count, height, width].
    """
    grid = torch.rand(len(roughness), count, 2, 2, device=roughness.device)
    weight = roughness[:, None, None, None]
    scale = weight
    while grid.shape[-1] < max(height, width):
        grid, scale = _doubled(grid, scale), scale * weight
    return grid[..., :height, :width]


def _doubled(grid: Tensor, scale: Tensor) -> Tensor:
    """[…, n, n] to […, 2n - 1, 2n - 1]: the centres of squares, then the middles of their sides."""
    side = 2 * grid.shape[-1] - 1
    finer = grid.new_zeros(*grid.shape[:2], side, side)
    finer[..., ::2, ::2] = grid
    corners = grid[..., :-1, :-1] + grid[..., 1:, :-1] + grid[..., :-1, 1:] + grid[..., 1:, 1:]
    finer[..., 1::2, 1::2] = _node(corners / 4, scale)
    # what lies around a side's middle: two old nodes, and one or two new centres
    around, there = torch.zeros_like(finer), torch.zeros_like(finer[:1, :1])
    for values, place in ((around, finer), (there, torch.ones_like(there))):
        values[..., 1:, :] += place[..., :-1, :]
        values[..., :-1, :] += place[..., 1:, :]
        values[..., :, 1:] += place[..., :, :-1]
        values[..., :, :-1] += place[..., :, 1:]
    means = around / there
    finer[..., ::2, 1::2] = _node(means[..., ::2, 1::2], scale)
    finer[..., 1::2, ::2] = _node(means[..., 1::2, ::2], scale)
    return finer


def _node(means: Tensor, scale: Tensor) -> Tensor:
    return torch.lerp(means, torch.rand_like(means), scale.expand_as(means))
