"""Median blur against numpy, window by window, and against PIL."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageFilter
from torch import Tensor

from unlearnable_lightning.augment import MedianBlur


def window_by_window(images: Tensor, kernel_size: int) -> Tensor:
    reach = kernel_size // 2
    pads = ((0, 0), (0, 0), (reach, reach), (reach, reach))
    padded = np.pad(images.numpy(), pads, mode="edge")
    result = np.empty(images.shape, dtype=np.float32)
    for y in range(images.shape[2]):
        for x in range(images.shape[3]):
            window = padded[:, :, y : y + kernel_size, x : x + kernel_size]
            result[:, :, y, x] = np.median(window, axis=(2, 3))
    return torch.from_numpy(result)


@pytest.mark.parametrize("kernel_size", [3, 5, 7])
@pytest.mark.parametrize("shape", [(3, 12, 12), (1, 9, 14), (3, 2, 3), (1, 1, 1)])
def test_it_equals_numpys_median(shape: tuple[int, int, int], kernel_size: int) -> None:
    images = torch.rand(8, *shape, generator=torch.Generator().manual_seed(0))
    assert torch.equal(MedianBlur(kernel_size)(images), window_by_window(images, kernel_size))


@pytest.mark.parametrize("kernel_size", [3, 5])
def test_it_equals_pils_filter_up_to_the_border(kernel_size: int) -> None:
    image = np.random.default_rng(0).integers(0, 256, (16, 20), dtype=np.uint8)
    pil = np.asarray(Image.fromarray(image).filter(ImageFilter.MedianFilter(kernel_size)))
    ours = MedianBlur(kernel_size)(torch.from_numpy(image).float()[None, None] / 255)
    assert np.array_equal((ours[0, 0] * 255).round().numpy(), pil)


@pytest.mark.parametrize("kernel_size", [3, 5])
def test_a_plain_image_keeps_its_border(kernel_size: int) -> None:
    images = torch.full((2, 3, 8, 8), 0.7)
    assert torch.equal(MedianBlur(kernel_size)(images), images)


@pytest.mark.parametrize("kernel_size", [3, 5])
def test_single_bright_pixels_vanish(kernel_size: int) -> None:
    images = torch.zeros(1, 1, 9, 9)
    images[0, 0, 4, 4] = 1
    assert MedianBlur(kernel_size)(images).max() == 0


@pytest.mark.parametrize("kernel_size", [3, 5])
def test_every_median_passes_its_gradient_to_one_pixel(kernel_size: int) -> None:
    images = torch.rand(2, 3, 8, 8, requires_grad=True)
    MedianBlur(kernel_size)(images).sum().backward()
    assert images.grad is not None
    assert images.grad.sum().item() == pytest.approx(images.numel(), rel=1e-5)
