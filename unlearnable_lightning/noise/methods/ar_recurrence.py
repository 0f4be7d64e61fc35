"""The recurrence of autoregressive noise, a whole row of many fields at a time.

A pixel is a weighted sum of its 3×3 window's other eight, of which it is the last (bottom right):
s[i+2, j+2] = Σ b[p, q]·s[i+p, j+q] over p, q in 0…2, with b[2, 2] = 0.
"""

import itertools

import torch
import torch.nn.functional as F
from torch import Tensor

MARGIN = 4
"""Rows and columns of a field that are cut off: its border is white noise, not yet the pattern."""


def border_size(height: int, width: int) -> int:
    """How many random numbers one channel of an H×W field grows from: 140 for 32×32."""
    return 2 * (width + MARGIN) + 2 * (height + MARGIN - 2)


def next_row(weights: Tensor, above: tuple[Tensor, Tensor], left: Tensor) -> Tensor:
    """The row below two others. Fields are the last axis: one step serves all of them at once.

    Args:
        weights: [C, 3, 3, n], or [C, 3, 3, 1] where all fields have the same.
        above: the row two above and the row above, [C, W, n] each.
        left: the new row's first two numbers, [C, 2, n].

    Returns:
        [C, W, n].
    """
    row = torch.empty_like(above[0])
    row[:, :2] = left
    inner = row.shape[1] - 2
    known = torch.zeros_like(row[:, 2:])
    for p, q in itertools.product(range(2), range(3)):
        known += weights[:, None, p, q] * above[p][:, q : q + inner]
    for j in range(inner):
        row[:, j + 2] = (
            known[:, j] + weights[:, 2, 0] * row[:, j] + weights[:, 2, 1] * row[:, j + 1]
        )
    return row


def grow(weights: Tensor, borders: Tensor, height: int, width: int) -> Tensor:
    """Fields of one class, not scaled.

    A new row is linear in the two above it and its own first two numbers, so one matrix of
    (2W + 2) × (W - 2) numbers per channel makes every row of every field.

    Args:
        weights: [C, 3, 3].
        borders: [n, C, border_size(H, W)]: two rows, then two numbers of each row below.
        height: H of the fields.
        width: W of the fields.

    Returns:
        [n, C, H, W], without the margin.
    """
    n, channels, _ = borders.shape
    rows, columns = height + MARGIN, width + MARGIN
    top, left = borders.transpose(0, 1).split([2 * columns, 2 * (rows - 2)], dim=2)
    field = borders.new_empty(channels, n, rows, columns)
    field[:, :, :2] = top.view(channels, n, 2, columns)
    field[:, :, 2:, :2] = left.view(channels, n, rows - 2, 2)
    matrix = _row_matrix(weights, columns)
    for i in range(2, rows):
        known = torch.cat([field[:, :, i - 2 : i].flatten(2), field[:, :, i, :2]], dim=2)
        field[:, :, i, 2:] = known @ matrix
    return field[:, :, MARGIN:, MARGIN:].transpose(0, 1)


def _row_matrix(weights: Tensor, columns: int) -> Tensor:
    """`next_row` of one class as a matrix, [C, 2W + 2, W - 2]: what it makes of unit impulses."""
    impulses = torch.eye(2 * columns + 2, dtype=weights.dtype).expand(len(weights), -1, -1)
    two_above, above, left = impulses.split([columns, columns, 2], dim=1)
    row = next_row(weights[..., None], (two_above, above), left)
    return row[:, 2:].transpose(1, 2)


def response(fields: Tensor, weights: Tensor) -> Tensor:
    """How far fields are from each class's recurrence: 0 for those that follow it.

    The filter of a class predicts a pixel and subtracts what is there; the channels' results are
    added up, and the positive sums are added over all positions.

    Args:
        fields: [n, C, H, W].
        weights: [K, C, 3, 3].

    Returns:
        [n, K].
    """
    filters = weights.clone()
    filters[:, :, 2, 2] = -1
    return F.conv2d(fields, filters).relu().sum((2, 3))
