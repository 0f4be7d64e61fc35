"""Noises of the first 10 000 training images of CIFAR-10, measured as they are released.

Expected: an independent implementation, measured once, accuracies in per cent. The recurrence of AR
is another there, so what depends on it has wide bounds here.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Generator, Tensor

from unlearnable_lightning.inspection import (
    Accuracy,
    Pair,
    class_mean_share,
    detection,
    linear_probe,
    pixel_defences,
    psnr,
    sizes,
    spectrum,
    ssim,
)
from unlearnable_lightning.noise.methods.ar import ar
from unlearnable_lightning.noise.methods.lsp import lsp
from unlearnable_lightning.noise.methods.ops import ops
from unlearnable_lightning.noise.methods.uniform_samplewise import uniform
from unlearnable_lightning.pixels import add

pytestmark = pytest.mark.real_data
Images = tuple[Tensor, Tensor]


@pytest.fixture(scope="module")
def cifar10(real_data: Path) -> Images:
    """The first 10 000 training images, uint8 [10000, 3, 32, 32], and labels."""
    with np.load(real_data / "cifar10.npz") as arrays:
        images, labels = arrays["x_train"][:10_000], arrays["y_train"][:10_000]
    nchw = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    return nchw, torch.from_numpy(labels.astype(np.int64))


def _added(
    method: Callable[..., Tensor], images: Tensor, labels: Tensor, random: Generator
) -> Tensor:
    return add(images, method(images, labels, random))


def _uniform_class(images: Tensor, labels: Tensor, random: Generator) -> Tensor:
    return add(images, uniform((10, 3, 32, 32), random, 8 / 255)[labels])


def _uniform_sample(images: Tensor, labels: Tensor, random: Generator) -> Tensor:
    return add(images, uniform(tuple(images.shape), random, 8 / 255))


METHODS: dict[str, Callable[[Tensor, Tensor, Generator], Tensor]] = {
    "LSP": partial(_added, lsp),
    "OPS": ops,
    "AR": partial(_added, ar),
    "uniform_class": _uniform_class,
    "uniform_sample": _uniform_sample,
}
# L2 of pixels in [0, 1], L∞ in grey levels, PSNR, SSIM, mean radius, power at radius ≤ 4, share of
# the class means
SHAPE = {
    "LSP": (1.29, 10.5, 32.6, 0.976, 2.9, 0.82, 0.86),
    "OPS": (1.07, 175, None, 0.976, 12.3, 0.05, 0.90),
    "AR": (0.99, 22.6, 35.0, 0.980, 10.0, 0.27, 0.002),
    "uniform_class": (1.00, 8.0, 34.9, 0.970, 12.2, 0.05, 0.99),
    "uniform_sample": (1.00, 8.0, 34.9, 0.970, 12.2, 0.05, 0.002),
}
# of the noise, after gray, JPEG-10, bit depth 2, median 3: train and held out
PROBES = {
    "LSP": ((100, 100), (100, 100), (97.6, 96.6), (100, 100), (100, 100)),
    "OPS": ((99.6, 99.6), (98.2, 98.3), (89.4, 89.1), (97.2, 96.6), (87.5, 86.8)),
    "AR": ((48.8, 40.7), (44.3, 37.5), (26.7, 13.2), (64.2, 16.9), (51.5, 28.2)),
    "uniform_class": ((100, 100), (100, 100), (95.7, 93.1), (100, 100), (100, 100)),
    "uniform_sample": ((69.3, 10.5), (40.2, 11.5), (25.8, 10.1), (68.4, 9.5), (61.3, 12.3)),
}
DEFENCES = ("none", *pixel_defences(3))


def made(name: str, cifar10: Images) -> Pair:
    images, labels = cifar10
    poisoned = METHODS[name](images, labels, torch.Generator().manual_seed(0))
    return Pair(images, poisoned, labels)


@pytest.mark.parametrize("name", METHODS)
def test_what_the_noise_looks_like(name: str, cifar10: Images) -> None:
    l2, linf, decibel, similarity, radius, low, share = SHAPE[name]
    own = name == "AR"  # its own coefficients
    pair = made(name, cifar10)
    of = sizes(pair)
    assert of.l2_grey_levels.mean / 255 == pytest.approx(l2, rel=0.01)
    assert of.linf_grey_levels.mean == pytest.approx(linf, rel=0.15 if own else 0.01)
    assert decibel is None or psnr(pair) == pytest.approx(decibel, abs=0.2)
    half = pair.rows(torch.arange(5000))
    assert ssim(half.rows(torch.arange(1000))) == pytest.approx(similarity, abs=0.005)
    frequencies = spectrum(half)
    assert frequencies.mean_radius == pytest.approx(radius, abs=2 if own else 0.3)
    assert frequencies.low_share == pytest.approx(low, abs=0.1 if own else 0.02)
    assert class_mean_share(half) == pytest.approx(share, abs=0.01 if share > 0.5 else 0.003)
    if name == "OPS":  # a few images have that colour there already
        assert of.l0_pixels.largest == 1
        assert pair.touched.sum() > 10_000 - 10


@pytest.mark.slow  # five seconds of one core each
@pytest.mark.parametrize("defence", DEFENCES)
@pytest.mark.parametrize("name", METHODS)
def test_what_a_linear_probe_finds(name: str, defence: str, cifar10: Images) -> None:
    pair = made(name, cifar10)
    change = ({"none": lambda images: images} | pixel_defences(3))[defence]
    left = change(pair.poisoned).short() - change(pair.clean)
    check(linear_probe(left, pair.labels), PROBES[name][DEFENCES.index(defence)], name == "AR")


@pytest.mark.parametrize("name", ["LSP", "AR", "uniform_sample"])
def test_what_a_linear_probe_finds_in_the_noise_itself(name: str, cifar10: Images) -> None:
    pair = made(name, cifar10)
    check(linear_probe(pair.change, pair.labels), PROBES[name][0], name == "AR")


def test_what_a_linear_probe_finds_in_clean_images(cifar10: Images) -> None:
    check(detection(*cifar10), (43.9, 39.4), False)


def check(found: Accuracy, expected: tuple[float, float], own: bool) -> None:
    near = 7 if own else 2
    assert (100 * found.train, 100 * found.held_out) == pytest.approx(expected, abs=near)
