"""Noises of the first 10 000 training images of CIFAR-10, measured as they are released.

Expected: an independent implementation, measured once. The recurrence of AR is another there, so
what depends on it (largest change, spectrum) has wide bounds here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import pytest
import torch
from torch import Tensor
from torchmetrics.functional.image import structural_similarity_index_measure

from unlearnable_lightning.noise.methods.ar import ar
from unlearnable_lightning.noise.methods.lsp import lsp
from unlearnable_lightning.noise.methods.ops import ops

pytestmark = pytest.mark.real_data


@dataclass
class Measures:
    """Of clean and poisoned images, uint8 [N, C, H, W], and labels."""

    clean: Tensor
    poisoned: Tensor
    labels: Tensor

    @cached_property
    def change(self) -> Tensor:
        return (self.poisoned.float() - self.clean.float()) / 255

    def l2(self) -> float:
        return self.change.flatten(1).norm(dim=1).mean().item()

    def linf(self) -> float:
        return 255 * self.change.flatten(1).abs().amax(1).mean().item()

    def psnr(self) -> float:
        return -10 * self.change.square().mean().log10().item()

    def ssim(self) -> float:
        """Over windows that lie inside the image, of 1000 images."""
        pair = (images[:1000].float() / 255 for images in (self.poisoned, self.clean))
        _, full = structural_similarity_index_measure(*pair, data_range=1.0, return_full_image=True)
        return full[:, :, 5:-5, 5:-5].mean().item()

    def radius_and_low_share(self) -> tuple[float, float]:
        """Mean radius of the spectrum by power, and the power at a radius of at most 4."""
        power = sum(
            torch.fft.fft2(part).abs().square().sum((0, 1)) for part in self.change.split(1000)
        )
        at = 32 * torch.fft.fftfreq(32)
        radius = (at[:, None].square() + at.square()).sqrt()
        low = power[radius <= 4].sum() / power.sum()
        return ((power * radius).sum() / power.sum()).item(), low.item()

    def class_mean_share(self) -> float:
        means = torch.stack([self.change[self.labels == k].mean(0) for k in range(10)])
        energy = means.square().sum((1, 2, 3)) @ self.labels.bincount().float()
        return (energy / self.change.square().sum()).item()


def measured(method: Callable[..., Tensor], cifar10: tuple[Tensor, Tensor]) -> Measures:
    images, labels = cifar10[0][:10_000], cifar10[1][:10_000]
    result = method(images, labels, torch.Generator().manual_seed(0))
    poisoned = result if method is ops else (images + result).clamp(0, 255).byte()
    return Measures(images, poisoned, labels)


def test_lsp(cifar10: tuple[Tensor, Tensor]) -> None:
    of = measured(lsp, cifar10)
    assert of.l2() == pytest.approx(1.29, rel=0.01)
    assert of.linf() == pytest.approx(10.5, rel=0.01)
    assert of.psnr() == pytest.approx(32.6, abs=0.2)
    assert of.ssim() == pytest.approx(0.976, abs=0.005)
    radius, low = of.radius_and_low_share()
    assert radius == pytest.approx(2.9, abs=0.3)
    assert low == pytest.approx(0.82, abs=0.02)
    assert of.class_mean_share() == pytest.approx(0.86, abs=0.02)


def test_ops(cifar10: tuple[Tensor, Tensor]) -> None:
    of = measured(ops, cifar10)
    assert of.l2() == pytest.approx(1.07, rel=0.01)
    assert of.linf() == pytest.approx(175, rel=0.01)
    assert of.ssim() == pytest.approx(0.976, abs=0.005)
    radius, low = of.radius_and_low_share()
    assert radius == pytest.approx(12.3, abs=0.3)
    assert low == pytest.approx(0.05, abs=0.02)
    assert of.class_mean_share() == pytest.approx(0.90, abs=0.02)
    changed = (of.change != 0).any(1).flatten(1).sum(1)
    assert changed.max() == 1
    assert (changed == 0).sum() < 10  # their pixel had that colour already


def test_ar(cifar10: tuple[Tensor, Tensor]) -> None:
    of = measured(ar, cifar10)
    assert of.l2() == pytest.approx(0.99, rel=0.01)
    assert of.linf() == pytest.approx(22.6, rel=0.15)
    assert of.psnr() == pytest.approx(35.0, abs=0.2)
    assert of.ssim() == pytest.approx(0.980, abs=0.005)
    assert of.radius_and_low_share()[0] == pytest.approx(10.0, abs=2)
    assert of.class_mean_share() < 0.005
