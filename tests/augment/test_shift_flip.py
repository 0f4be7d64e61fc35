"""Real-valued shifts against `grid_sample` and against whole shifts."""

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from unlearnable_lightning.augment import RandomShiftFlip
from unlearnable_lightning.augment.shift_flip import shift_flip


def by_grid_sample(images: Tensor, down: Tensor, right: Tensor, flip: Tensor) -> Tensor:
    """torch's own bilinear sampling, corners aligned, zeros outside."""
    height, width = images.shape[-2:]
    theta = torch.zeros(len(images), 2, 3)
    theta[:, 0, 0] = theta[:, 1, 1] = 1
    theta[:, 0, 2] = -2 * right / (width - 1)
    theta[:, 1, 2] = -2 * down / (height - 1)
    mirrored = torch.where(flip[:, None, None, None], images.flip(-1), images)
    grid = F.affine_grid(theta, list(images.shape), align_corners=True)
    return F.grid_sample(mirrored, grid, align_corners=True, padding_mode="zeros")


@pytest.mark.parametrize("shape", [(3, 32, 32), (1, 28, 20), (3, 5, 9)])
def test_it_equals_grid_sample_and_so_do_its_gradients(shape: tuple[int, int, int]) -> None:
    torch.manual_seed(0)
    draws = RandomShiftFlip(shift=4).draw(20, torch.device("cpu"))
    images, weights = torch.rand(2, 20, *shape)
    gradients = []
    for shift in (shift_flip, by_grid_sample):
        leaf = images.clone().requires_grad_()
        result = shift(leaf, *draws)
        gradients.append(torch.autograd.grad((result * weights).sum(), leaf)[0])
        torch.testing.assert_close(result, by_grid_sample(images, *draws), rtol=0, atol=2e-5)
    torch.testing.assert_close(*gradients, rtol=0, atol=2e-5)


def test_whole_pixels_are_moved_as_they_are_and_black_moves_in() -> None:
    images = torch.rand(1, 3, 6, 6)
    no, yes = torch.tensor([False]), torch.tensor([True])
    moved = shift_flip(images, torch.tensor([2.0]), torch.tensor([-1.0]), no)
    assert torch.equal(moved[..., 2:, :5], images[..., :4, 1:])
    assert not moved[..., :2, :].any()
    assert not moved[..., 5].any()
    flipped = shift_flip(images, torch.tensor([0.0]), torch.tensor([1.0]), yes)
    assert torch.equal(flipped[..., 1:], images.flip(-1)[..., :5])


def test_a_shift_beyond_the_image_leaves_black() -> None:
    gone = shift_flip(
        torch.ones(1, 1, 4, 4), torch.tensor([9.0]), torch.zeros(1), torch.ones(1) > 2
    )
    assert not gone.any()


def test_shifts_fill_their_range_and_half_the_images_are_mirrored() -> None:
    torch.manual_seed(0)
    down, right, flip = RandomShiftFlip(shift=4).draw(8000, torch.device("cpu"))
    for shift in (down, right):
        assert -4 <= shift.min() < -3.98
        assert 3.98 < shift.max() <= 4
        assert shift.std().item() == pytest.approx(4 / 3**0.5, rel=0.03)
    assert abs(torch.corrcoef(torch.stack([down, right]))[0, 1]) < 0.05
    assert flip.float().mean().item() == pytest.approx(0.5, abs=0.03)


def test_the_gradient_of_white_pixels_is_not_cut() -> None:
    """Their weights may add up to a little more than 1, which is cut off from the value alone."""
    images = torch.ones(64, 1, 8, 8, requires_grad=True)
    torch.manual_seed(0)
    RandomShiftFlip(shift=0.4)(images).sum().backward()
    assert images.grad is not None
    assert images.grad[..., 2:-2, 2:-2].min() > 0.99
