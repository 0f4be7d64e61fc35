"""Coarse dropout drops whole cells, as often as asked."""

import pytest
import torch
from torch import Tensor

from unlearnable_lightning.augment import CoarseDropout


def dropped_cells(mask_size: int, size: int, p: float, per_channel: bool = True) -> Tensor:
    """Which cells of 1000 white images are black: bool [1000, 3, mask_size, mask_size]."""
    torch.manual_seed(0)
    kept = CoarseDropout(p, mask_size, per_channel)(torch.ones(1000, 3, size, size))
    edges = [cell * size // mask_size for cell in range(mask_size)]
    return kept[:, :, edges][:, :, :, edges] == 0


@pytest.mark.parametrize("p", [0.1, 0.4])
@pytest.mark.parametrize("mask_size", [3, 4])
def test_p_is_the_share_of_dropped_cells(mask_size: int, p: float) -> None:
    dropped = dropped_cells(mask_size, 12, p=p).float().mean(dim=(0, 1))
    torch.testing.assert_close(dropped, torch.full_like(dropped, p), atol=0.04, rtol=0)


def test_p_1_drops_everything() -> None:
    assert CoarseDropout(p=1.0)(torch.rand(2, 3, 8, 8)).max() == 0


@pytest.mark.parametrize(("mask_size", "size"), [(3, 12), (4, 32), (2, 8)])
def test_a_cell_is_dropped_as_a_whole_or_not_at_all(mask_size: int, size: int) -> None:
    images = torch.rand(50, 3, size, size) * 0.9 + 0.1
    result = CoarseDropout(p=0.5, mask_size=mask_size)(images)
    side = size // mask_size
    kept = (result != 0).unfold(2, side, side).unfold(3, side, side).flatten(-2)
    assert torch.equal(kept.all(-1), kept.any(-1))
    assert kept.any()
    assert not kept.all()


def test_cells_fill_sides_that_do_not_divide_evenly() -> None:
    """32 pixels in 3 cells: nearest neighbour gives 11, 11 and 10."""
    torch.manual_seed(0)
    columns = CoarseDropout(p=0.5)(torch.ones(500, 1, 32, 32))[:, 0, 0]
    steps = (columns.diff() != 0).any(dim=0).nonzero().flatten()
    assert (steps + 1).tolist() == [11, 22]


def test_kept_pixels_are_unchanged() -> None:
    images = torch.rand(20, 3, 12, 12) + 0.01
    result = CoarseDropout(p=0.3)(images.clamp(max=1))
    assert torch.equal(result[result != 0], images.clamp(max=1)[result != 0])


def test_channels_draw_masks_of_their_own_by_default() -> None:
    red, green, _ = dropped_cells(3, 12, p=0.5).float().unbind(1)
    assert (red == green).float().mean().item() == pytest.approx(0.5, abs=0.05)


def test_per_channel_false_drops_all_channels_together() -> None:
    dropped = dropped_cells(3, 12, p=0.5, per_channel=False)
    assert torch.equal(dropped.all(1), dropped.any(1))
    assert dropped.any()
