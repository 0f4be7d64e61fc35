"""Our JPEG codec against PIL's, and the gradient through it."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from torch import Tensor

from unlearnable_lightning.augment import JPEG
from unlearnable_lightning.augment.jpeg import compression_to_quality
from unlearnable_lightning.augment.jpeg_codec import CHROMA, LUMA, quantisation_table

THESIS_QUALITIES = [22, 41, 61]


def pil_round_trip(images: np.ndarray, quality: int) -> np.ndarray:
    """Save and open uint8 images [N, H, W] or [N, H, W, 3] one by one."""
    decoded = []
    for image in images:
        file = io.BytesIO()
        Image.fromarray(image).save(file, format="JPEG", quality=quality)
        decoded.append(np.asarray(Image.open(file)))
    return np.stack(decoded)


def to_batch(images: np.ndarray) -> Tensor:
    """uint8 [N, H, W] or [N, H, W, 3] to float32 [N, C, H, W] in [0, 1]."""
    batch = torch.from_numpy(np.ascontiguousarray(images)).float() / 255
    return batch[:, None] if images.ndim == 3 else batch.permute(0, 3, 1, 2)


def grey_levels_apart(images: np.ndarray, quality: int) -> float:
    """Mean absolute difference of our round trip to PIL's, in grey levels."""
    ours = JPEG(quality=quality)(to_batch(images))
    theirs = to_batch(pil_round_trip(images, quality))
    return (ours - theirs).abs().mean().item() * 255


def drawn_images(count: int = 64, height: int = 32, width: int = 32) -> np.ndarray:
    """A colour gradient with a disc, a bar and a little noise: uint8 [N, H, W, 3]."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:height, :width] / max(height, width)
    images = []
    for _ in range(count):
        slope = random.uniform(-150, 150, (2, 3))
        image = 128 + (y[..., None] - 0.5) * slope[0] + (x[..., None] - 0.5) * slope[1]
        centre = random.uniform(0.2, 0.8, 2)
        image[np.hypot(y - centre[0], x - centre[1]) < 0.2] = random.uniform(0, 255, 3)
        image[np.abs(x - random.uniform()) < 0.06] = random.uniform(0, 255, 3)
        image += random.normal(0, 6, image.shape)
        images.append(image.round().clip(0, 255).astype(np.uint8))
    return np.stack(images)


@pytest.fixture(scope="module")
def cifar_images(real_data: Path) -> np.ndarray:
    """1000 training images of CIFAR-10, uint8 [1000, 32, 32, 3]."""
    with np.load(real_data / "cifar10.npz") as arrays:
        return arrays["x_train"][:1000]


@pytest.mark.real_data
@pytest.mark.parametrize("quality", THESIS_QUALITIES)
def test_cifar10_comes_back_as_from_pil(cifar_images: np.ndarray, quality: int) -> None:
    assert grey_levels_apart(cifar_images, quality) < 0.15


@pytest.mark.real_data
@pytest.mark.parametrize("quality", THESIS_QUALITIES)
def test_gray_cifar10_comes_back_as_from_pil(cifar_images: np.ndarray, quality: int) -> None:
    assert grey_levels_apart(cifar_images[..., 1], quality) < 0.15


@pytest.mark.parametrize("quality", [1, 10, *THESIS_QUALITIES, 50, 75, 90, 100])
def test_drawn_images_come_back_as_from_pil(quality: int) -> None:
    assert grey_levels_apart(drawn_images(), quality) < 0.25


@pytest.mark.parametrize("quality", [10, *THESIS_QUALITIES, 90])
def test_gray_drawn_images_come_back_as_from_pil(quality: int) -> None:
    assert grey_levels_apart(drawn_images()[..., 0], quality) < 0.25


@pytest.mark.parametrize(
    "size", [(1, 1), (4, 4), (5, 3), (9, 6), (17, 30), (28, 28), (31, 33), (40, 8)]
)
def test_sizes_that_are_no_multiple_of_16(size: tuple[int, int]) -> None:
    images = drawn_images(200, *size)
    assert grey_levels_apart(images, 41) < 0.25
    assert grey_levels_apart(images[..., 0], 41) < 0.25


def test_pure_colours_come_back_as_from_pil() -> None:
    """Saturated colours reach every clamp of the codec."""
    corners = np.array(np.meshgrid(*[[0, 255]] * 3)).reshape(3, 8).T.astype(np.uint8)
    images = np.broadcast_to(corners[:, None, None], (8, 16, 16, 3)).copy()
    images[:, :, 8:] = 255 - images[:, :, 8:]
    assert grey_levels_apart(images, 61) < 0.25


def test_lower_quality_loses_more() -> None:
    images = to_batch(drawn_images())
    losses = [(JPEG(quality=q)(images) - images).abs().mean() for q in (90, 61, 41, 22, 5)]
    assert losses == sorted(losses)


def test_the_result_is_8_bit() -> None:
    levels = JPEG(quality=41)(torch.rand(4, 3, 16, 16)) * 255
    torch.testing.assert_close(levels, levels.round(), atol=1e-3, rtol=0)


@pytest.mark.parametrize("quality", range(1, 101))
def test_tables_are_those_in_pils_files(quality: int) -> None:
    file = io.BytesIO()
    Image.new("RGB", (16, 16)).save(file, format="JPEG", quality=quality)
    file.seek(0)
    written = JpegImageFile(file).quantization
    assert quantisation_table(LUMA, quality).flatten().tolist() == list(written[0])
    assert quantisation_table(CHROMA, quality).flatten().tolist() == list(written[1])


@pytest.mark.parametrize(("compression", "quality"), [(40, 61), (60, 41), (80, 22)])
def test_the_thesis_compressions(compression: int, quality: int) -> None:
    images = to_batch(drawn_images(4))
    assert compression_to_quality(compression) == quality
    assert torch.equal(JPEG(compression=compression)(images), JPEG(quality=quality)(images))


def test_every_compression_is_a_quality() -> None:
    qualities = [compression_to_quality(compression) for compression in range(101)]
    assert qualities == sorted(qualities, reverse=True)
    assert qualities[0] == 100
    assert qualities[-1] >= 1


def smooth_codec(images: Tensor) -> Tensor:
    """The pipeline without its roundings, in textbook floats (sides are multiples of 16)."""
    to_ycc = torch.tensor(
        [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]]
    )
    ycc = torch.einsum("dc,bchw->bdhw", to_ycc, images)
    chroma = F.interpolate(F.avg_pool2d(ycc[:, 1:], 2), scale_factor=2, mode="bilinear")
    ycc = torch.cat([ycc[:, :1], chroma], dim=1)
    return torch.einsum("dc,bchw->bdhw", torch.linalg.inv(to_ycc), ycc)


@pytest.mark.parametrize("quality", [10, 41, 90])
def test_the_gradient_is_that_of_the_codec_without_rounding(quality: int) -> None:
    images = (to_batch(drawn_images(8)) * 0.4 + 0.3).requires_grad_()
    weights = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    (ours,) = torch.autograd.grad((weights * JPEG(quality=quality)(images)).sum(), images)
    (smooth,) = torch.autograd.grad((weights * smooth_codec(images)).sum(), images)
    assert ours.isfinite().all()
    assert F.cosine_similarity(ours.flatten(), smooth.flatten(), dim=0) > 0.99
    assert 0.9 < ours.norm() / smooth.norm() < 1.1


def test_the_gradient_of_gray_images_is_the_identity() -> None:
    images = (to_batch(drawn_images(8)[..., 0]) * 0.4 + 0.3).requires_grad_()
    weights = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    (gradient,) = torch.autograd.grad((weights * JPEG(quality=22)(images)).sum(), images)
    torch.testing.assert_close(gradient, weights, atol=1e-4, rtol=1e-4)


def test_images_can_be_optimised_through_it() -> None:
    codec = JPEG(quality=41)
    target = to_batch(drawn_images(4))
    images = torch.full_like(target, 0.5).requires_grad_()
    losses = []
    for _ in range(40):
        loss = (codec(images) - target).square().sum()
        losses.append(loss.item())
        (gradient,) = torch.autograd.grad(loss, images)
        images = (images - 0.05 * gradient).clamp(0, 1).detach().requires_grad_()
    compressed_target = (codec(target) - target).square().sum()
    assert min(losses) < 1.25 * compressed_target < 0.2 * losses[0]


def test_it_can_be_differentiated_after_a_validation_run() -> None:
    """Tables first made in inference mode would refuse to be saved for a backward pass."""
    codec = JPEG(quality=37)  # no other test fills the cache for this one
    with torch.inference_mode():
        codec(torch.rand(2, 3, 16, 16))
    images = torch.rand(2, 3, 16, 16).requires_grad_()
    codec(images).sum().backward()
    assert images.grad is not None
    assert images.grad.abs().sum() > 0


def test_autocast_does_not_spoil_it() -> None:
    images = to_batch(drawn_images(8))
    expected = JPEG(quality=41)(images)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(JPEG(quality=41)(images), expected)
