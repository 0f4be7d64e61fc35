"""Random crop and flip against a loop over images."""

import pytest
import torch
from torch import Tensor

from unlearnable_lightning.augment import RandomCropFlip
from unlearnable_lightning.augment.crop_flip import crop_flip


def one_by_one(images: Tensor, top: Tensor, left: Tensor, flip: Tensor, padding: int) -> Tensor:
    windows = []
    for image, y, x, mirrored in zip(images, top, left, flip, strict=True):
        channels, height, width = image.shape
        padded = torch.zeros(channels, height + 2 * padding, width + 2 * padding)
        padded[:, padding : padding + height, padding : padding + width] = image
        window = padded[:, y : y + height, x : x + width]
        windows.append(window.flip(-1) if mirrored else window)
    return torch.stack(windows).to(images.dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.uint8])
@pytest.mark.parametrize(
    ("shape", "padding"), [((3, 32, 32), 4), ((1, 28, 28), 2), ((3, 5, 9), 3), ((3, 8, 8), 0)]
)
def test_it_equals_a_loop_over_images(
    shape: tuple[int, int, int], padding: int, dtype: torch.dtype
) -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (40, *shape), generator=generator).to(dtype)
    top, left = torch.randint(2 * padding + 1, (2, 40), generator=generator)
    flip = torch.rand(40, generator=generator) < 0.5
    result = crop_flip(images, top, left, flip, padding)
    assert result.dtype == dtype
    assert torch.equal(result, one_by_one(images, top, left, flip, padding))


def test_the_middle_window_unflipped_is_the_image() -> None:
    images, middle = torch.rand(2, 3, 8, 8), torch.tensor([4, 4])
    assert torch.equal(crop_flip(images, middle, middle, torch.tensor([False, False]), 4), images)


def test_every_offset_and_both_flips_are_drawn() -> None:
    torch.manual_seed(0)
    top, left, flip = RandomCropFlip(padding=4).draw(4000, torch.device("cpu"))
    draws = set(zip(top.tolist(), left.tolist(), flip.tolist(), strict=True))
    assert draws == {(y, x, f) for y in range(9) for x in range(9) for f in (False, True)}


@pytest.mark.parametrize(("p_flip", "share"), [(0.0, 0.0), (0.25, 0.25), (1.0, 1.0)])
def test_p_flip_is_the_share_of_mirrored_images(p_flip: float, share: float) -> None:
    torch.manual_seed(0)
    flip = RandomCropFlip(p_flip=p_flip).draw(4000, torch.device("cpu"))[2]
    assert flip.float().mean().item() == pytest.approx(share, abs=0.03)


def test_the_module_applies_what_it_draws() -> None:
    module, images = RandomCropFlip(padding=3, p_flip=0.5), torch.rand(30, 3, 16, 16)
    torch.manual_seed(5)
    draws = module.draw(30, images.device)
    torch.manual_seed(5)
    assert torch.equal(module(images), one_by_one(images, *draws, padding=3))


def test_gradients_go_back_to_the_pixels_that_were_kept() -> None:
    images = torch.rand(1, 1, 4, 4, requires_grad=True)
    shifted = crop_flip(images, torch.tensor([2]), torch.tensor([1]), torch.tensor([False]), 1)
    shifted.sum().backward()
    expected = torch.ones(4, 4)
    expected[0] = 0  # the window starts one row below the image's first
    assert images.grad is not None
    assert torch.equal(images.grad[0, 0], expected)
