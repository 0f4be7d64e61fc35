"""CUDA against a convolution of one image at a time."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.methods.cuda import cuda, kernels

SETTINGS = [(3, 0.3), (9, 0.06), (5, 0.2)]


def seeded() -> torch.Generator:
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize(("size", "blur"), SETTINGS)
@pytest.mark.parametrize("shape", [(3, 12, 20), (1, 7, 5)])
def test_poisoned_images_equal_the_naive_loop(
    shape: tuple[int, ...], size: int, blur: float, drawn: Callable
) -> None:
    images, labels = drawn(20, shape)
    poisoned = cuda(images, labels, seeded(), size, blur)
    kernel_of = kernels(4, seeded(), size, blur)
    for image, label, result in zip(images, labels, poisoned, strict=True):
        channels = [
            F.conv2d(c[None, None].double() / 255, kernel_of[label][None, None], padding=size // 2)
            for c in image
        ]
        filtered = torch.cat(channels)[:, 0]
        assert torch.equal(result, (filtered / filtered.max() * 255).round().byte())
        assert result.max() == 255


@pytest.mark.parametrize(("size", "blur"), SETTINGS)
def test_one_entry_is_1_and_the_others_lie_below_the_blur(size: int, blur: float) -> None:
    found = kernels(60, seeded(), size, blur)
    assert found.shape == (60, size, size)
    assert ((found == 1).sum((1, 2)) == 1).all()
    others = found[found != 1]
    assert 0 <= others.min() < 0.05 * blur
    assert 0.95 * blur < others.max() < blur
    places = found.flatten(1).argmax(1)
    assert len(places.unique()) > 8 * min(1, size - 2)  # of 9, 25 or 81


def test_least_squares_names_the_kernel(drawn: Callable) -> None:
    images, labels = drawn(1)
    poisoned = cuda(images, labels, seeded())
    patches = F.unfold(images.transpose(0, 1).double(), 3, padding=1).transpose(1, 2).reshape(-1, 9)
    target = poisoned.double().transpose(0, 1).reshape(-1)
    fitted = np.linalg.lstsq(patches.numpy(), target.numpy(), rcond=None)[0].reshape(3, 3)
    truth = kernels(int(labels) + 1, seeded())[labels.item()]
    np.testing.assert_allclose(fitted / fitted.max(), truth, atol=2e-3)  # of 8-bit numbers


def test_black_stays_black_and_almost_black_is_stretched() -> None:
    images = torch.zeros(2, 3, 8, 8, dtype=torch.uint8)
    images[1, 0, 0, 0] = 1  # its 1 may be filtered out of the image, what is left is below 1
    for seed in range(10):
        poisoned = cuda(images, torch.zeros(2).long(), torch.Generator().manual_seed(seed))
        assert torch.equal(poisoned[0], images[0])
        assert poisoned[1].max() == 255


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"kernel_size": 4}, "must be odd"),
        ({"kernel_size": 1}, "at least 3"),
        ({"kernel_size": -3}, "at least 3"),
        ({"blur": 0.0}, "above 0"),
        ({"blur": 1.5}, "at most 1"),
        ({"blur": float("nan")}, "out of range"),
    ],
)
def test_settings_out_of_range_are_refused(
    settings: dict[str, float], rule: str, drawn: Callable
) -> None:
    with pytest.raises(UnlearnableError, match=rule):
        cuda(*drawn(3), seeded(), **settings)
