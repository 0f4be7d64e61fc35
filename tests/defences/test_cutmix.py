"""CutMix: label weights are pixel shares, and the patch is the partner's as it was."""

import pytest
import torch

from unlearnable_lightning.defences import CutMix
from unlearnable_lightning.defences.cutmix import area, draw_box, paste
from unlearnable_lightning.errors import UnlearnableError


def numbered(count: int = 6, height: int = 9, width: int = 7) -> torch.Tensor:
    """Image i holds i / count everywhere."""
    return torch.arange(count)[:, None, None, None].expand(-1, 3, height, width) / count


def test_label_weights_equal_the_pixel_shares_exactly() -> None:
    torch.manual_seed(0)
    images, mixes = numbered(), 0
    for _ in range(200):
        mixed, shares = CutMix()(images, torch.eye(6))
        for row in range(6):
            share = (mixed[row, 0] == images[row, 0]).float().mean()
            if shares[row, row] < 1:
                mixes += 1
                assert shares[row, row].item() == pytest.approx(share.item(), abs=1e-6)
                other = int((shares[row] * (torch.arange(6) != row)).argmax())
                patch = mixed[row, 0][mixed[row, 0] != images[row, 0]]
                assert torch.equal(patch.unique(), images[other, 0, 0, :1])
        torch.testing.assert_close(shares.sum(1), torch.ones(6))
    assert mixes > 400


def test_the_patch_is_taken_before_it_is_overwritten() -> None:
    images = numbered(2)
    everything = (slice(0, 9), slice(0, 7))
    assert torch.equal(paste(images, torch.tensor([1, 0]), everything), images.flip(0))
    assert torch.equal(images, numbered(2))


def test_a_share_of_one_returns_the_images() -> None:
    box = draw_box(32, 32, 1.0)
    assert area(box) == 0
    images = torch.rand(4, 3, 32, 32)
    assert torch.equal(paste(images, torch.arange(4).flip(0), box), images)


def test_the_box_has_the_area_of_the_share_where_the_border_cuts_nothing_off() -> None:
    torch.manual_seed(0)
    boxes = [draw_box(32, 16, 0.75) for _ in range(500)]
    assert max(area(box) for box in boxes) == 16 * 8
    assert min(area(box) for box in boxes) < 16 * 8
    assert all(0 <= rows.start < rows.stop <= 32 for rows, _ in boxes)


def test_p_is_the_share_of_mixed_batches() -> None:
    torch.manual_seed(0)
    images, defence = numbered(), CutMix(p=0.25)
    kept = sum(defence(images, torch.eye(6))[0] is images for _ in range(400))
    assert 0.7 < kept / 400 < 0.8


@pytest.mark.parametrize("bad", [{"alpha": 0.0}, {"alpha": float("nan")}, {"p": 0.0}, {"p": 1.1}])
def test_bad_arguments_are_refused(bad: dict[str, float]) -> None:
    with pytest.raises(UnlearnableError, match=next(iter(bad))):
        CutMix(**bad)
