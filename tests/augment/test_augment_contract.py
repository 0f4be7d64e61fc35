"""What holds for every augmentation: shape, range, seeds, and that none is the identity."""

import copy
import inspect

import pytest
import torch
from kornia.augmentation import AugmentationSequential
from kornia.augmentation.base import _AugmentationBase
from torch import Tensor, nn

from unlearnable_lightning import augment
from unlearnable_lightning.augment import (
    COIN,
    JPEG,
    BitDepth,
    CoarseDropout,
    ContrastiveViews,
    Cutout,
    EclipseLight,
    GaussianBlur,
    GaussianNoise,
    Grayscale,
    MeanBlur,
    MedianBlur,
    RandAugment,
    RandomCropFlip,
    RandomSharpening,
    RandomShiftFlip,
    TrivialAugment,
    UniformNoise,
)
from unlearnable_lightning.augment.ueraser_views import ueraser_views
from unlearnable_lightning.errors import UnlearnableError

RANDOM_KORNIA = [
    CoarseDropout(p=0.3),
    CoarseDropout(p=0.3, mask_size=4, per_channel=False),
    GaussianNoise(std=0.2),
    UniformNoise(low=-0.2, high=0.2),
]
FIXED = [
    JPEG(quality=22),
    JPEG(quality=10),
    Grayscale(),
    MedianBlur(),
    MedianBlur(kernel_size=5),
    BitDepth(),
    GaussianBlur(sigma=0.5),
    GaussianBlur(sigma=2.0, kernel_size=7),
    MeanBlur(),
]
RANDOM_PLAIN = [
    RandomCropFlip(),
    Cutout(size=8),
    COIN(),
    RandomSharpening(),
    EclipseLight(),
    TrivialAugment(),
    TrivialAugment(wide=True),
    RandAugment(),
    RandomShiftFlip(),
    ContrastiveViews(strength=0.6),
]
RANDOM = [*RANDOM_KORNIA, *RANDOM_PLAIN]
ALL = [*RANDOM, *FIXED]
# make values of their own, or keep the gradient of the images
NOT_8_BIT = (GaussianNoise, UniformNoise, Grayscale, RandomShiftFlip, ContrastiveViews)

every = pytest.mark.parametrize("augmentation", ALL, ids=str)
every_random = pytest.mark.parametrize("augmentation", RANDOM, ids=str)
every_fixed = pytest.mark.parametrize("augmentation", FIXED, ids=str)


def batch(channels: int = 3, height: int = 32, width: int = 32, count: int = 6) -> Tensor:
    """Uniform noise with values at both ends of the range."""
    images = torch.rand(count, channels, height, width, generator=torch.Generator().manual_seed(3))
    return (1.4 * images - 0.2).clamp(0, 1)


def test_every_exported_augmentation_is_tested_here() -> None:
    assert {type(module).__name__ for module in ALL} == set(augment.__all__)


@every
@pytest.mark.parametrize("channels", [1, 3])
def test_it_is_not_the_identity(augmentation: nn.Module, channels: int) -> None:
    images = batch(channels)
    changed = (augmentation(images) - images).abs().mean().item()
    if isinstance(augmentation, Grayscale) and channels == 1:
        assert changed == 0
    else:
        assert changed > 0.01


@every
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("shape", [(1, 32, 32), (3, 32, 32), (3, 19, 30), (1, 5, 9)])
def test_it_keeps_shape_dtype_and_range(
    augmentation: nn.Module, shape: tuple[int, int, int], dtype: torch.dtype
) -> None:
    images = batch(*shape).to(dtype)
    result = augmentation(images)
    assert result.shape == images.shape
    assert result.dtype == dtype
    assert 0 <= result.min() < result.max() <= 1


@every
def test_8_bit_images_stay_8_bit(augmentation: nn.Module) -> None:
    if isinstance(augmentation, NOT_8_BIT):
        return
    levels = 255 * augmentation((batch() * 255).round() / 255)
    torch.testing.assert_close(levels, levels.round(), atol=1e-3, rtol=0)


@every
def test_it_leaves_white_white_or_darker(augmentation: nn.Module) -> None:
    """Rounding must not push the brightest pixel above 1."""
    assert augmentation(torch.ones(4, 3, 16, 16)).max() <= 1


@every
def test_an_empty_batch_stays_empty(augmentation: nn.Module) -> None:
    assert augmentation(batch()[:0]).shape == (0, 3, 32, 32)


@every
def test_it_leaves_its_input_alone(augmentation: nn.Module) -> None:
    images = batch()
    before = images.clone()
    augmentation(images)
    assert torch.equal(images, before)


@every_fixed
def test_fixed_ones_take_channels_last_images(augmentation: nn.Module) -> None:
    images = batch()
    result = augmentation(images.to(memory_format=torch.channels_last))
    torch.testing.assert_close(result, augmentation(images))


@every
def test_the_same_seed_gives_the_same_images(augmentation: nn.Module) -> None:
    results = []
    for _ in range(2):
        torch.manual_seed(7)
        results.append(augmentation(batch()))
    assert torch.equal(*results)


@every_random
def test_random_ones_draw_anew_on_every_call(augmentation: nn.Module) -> None:
    assert not torch.equal(augmentation(batch()), augmentation(batch()))


@every_random
def test_random_ones_draw_for_every_image(augmentation: nn.Module) -> None:
    torch.manual_seed(0)
    results = augmentation(batch(count=1).repeat(64, 1, 1, 1))
    assert len(results.flatten(1).unique(dim=0)) > 10


@every_fixed
def test_fixed_ones_treat_every_image_alike(augmentation: nn.Module) -> None:
    images = batch()
    alone = torch.cat([augmentation(image[None]) for image in images])
    torch.testing.assert_close(augmentation(images), alone)


@pytest.mark.parametrize("augmentation", [*RANDOM_KORNIA, *FIXED], ids=str)
def test_it_composes_in_kornias_container(augmentation: _AugmentationBase) -> None:
    images = batch()
    torch.manual_seed(0)
    result = AugmentationSequential(augmentation)(images)
    torch.manual_seed(0)
    torch.testing.assert_close(result, augmentation(images))


@pytest.mark.parametrize("augmentation", RANDOM_KORNIA, ids=str)
def test_kornias_same_on_batch_is_obeyed(augmentation: _AugmentationBase) -> None:
    images = batch(count=1).repeat(8, 1, 1, 1)
    pipeline = AugmentationSequential(copy.deepcopy(augmentation), same_on_batch=True)
    results = pipeline(images)
    assert torch.equal(results, results[:1].expand_as(results))
    assert not torch.equal(results, images)


@pytest.mark.parametrize(
    "augmentation",
    [
        GaussianNoise(std=0.2, p=0.5),
        Grayscale(p=0.5),
        JPEG(quality=22, p=0.5),
        MedianBlur(p=0.5),
        MeanBlur(p=0.5),
        GaussianBlur(p=0.5),
        BitDepth(p=0.5),
        UniformNoise(low=-0.2, high=0.2, p=0.5),
    ],
    ids=str,
)
def test_p_is_the_share_of_images_changed(augmentation: nn.Module) -> None:
    torch.manual_seed(0)
    images = batch(count=1, height=8, width=8).repeat(400, 1, 1, 1)
    changed = (augmentation(images) != images).flatten(1).any(dim=1).float().mean()
    assert 0.4 < changed < 0.6


@pytest.mark.parametrize("name", augment.__all__)
def test_arguments_can_be_written_in_yaml(name: str) -> None:
    parameters = inspect.signature(getattr(augment, name)).parameters.values()
    plain = {int, float, bool, int | None}
    assert all(parameter.annotation in plain for parameter in parameters)


@pytest.mark.parametrize(
    ("kind", "arguments", "said"),
    [
        (JPEG, {}, "exactly one"),
        (JPEG, {"quality": 22, "compression": 80}, "exactly one"),
        (JPEG, {"quality": 0}, "quality=0"),
        (JPEG, {"quality": 101}, "quality=101"),
        (JPEG, {"quality": 22.5}, "quality=22.5"),
        (JPEG, {"compression": -1}, "compression=-1"),
        (JPEG, {"compression": 101}, "compression=101"),
        (JPEG, {"quality": 22, "p": 1.5}, "1.5"),
        (Grayscale, {"p": -0.1}, "-0.1"),
        (GaussianNoise, {"std": 0.0}, "std=0.0"),
        (GaussianNoise, {"std": float("nan")}, "std=nan"),
        (UniformNoise, {"low": 0.1, "high": 0.1}, "low=0.1"),
        (MedianBlur, {"kernel_size": 4}, "kernel_size=4"),
        (MedianBlur, {"kernel_size": 1}, "kernel_size=1"),
        (CoarseDropout, {"p": 0.0}, "p=0"),
        (CoarseDropout, {"p": 1.1}, "1.1"),
        (CoarseDropout, {"mask_size": 0}, "mask_size=0"),
        (BitDepth, {"bits": 8}, "bits=8"),
        (BitDepth, {"bits": 0}, "bits=0"),
        (GaussianBlur, {"sigma": 0.1}, "sigma=0.1"),
        (GaussianBlur, {"sigma": 0.25}, "sigma=0.25"),
        (GaussianBlur, {"sigma": 0.0}, "sigma=0"),
        (GaussianBlur, {"sigma": 1.0, "kernel_size": 2}, "kernel_size=2"),
        (MeanBlur, {"kernel_size": 1}, "kernel_size=1"),
        (Cutout, {"size": 0}, "size=0"),
        (COIN, {"alpha": 0.0}, "alpha=0"),
        (COIN, {"alpha": float("nan")}, "alpha=nan"),
        (RandomSharpening, {"center": 1.0}, "center=1"),
        (RandomSharpening, {"std": -0.1}, "std=-0.1"),
        (RandomSharpening, {"keep": 0.0}, "keep=0"),
        (RandomSharpening, {"keep": 1.1}, "keep=1.1"),
        (EclipseLight, {"p_gray": 1.5}, "1.5"),
        (EclipseLight, {"std": 0.0}, "std=0"),
        (RandAugment, {"operations": 0}, "operations=0"),
        (RandAugment, {"magnitude": 31}, "magnitude=31"),
        (RandomCropFlip, {"padding": -1}, "padding=-1"),
        (RandomCropFlip, {"padding": 0, "p_flip": 0.0}, "padding=0"),
        (RandomCropFlip, {"p_flip": 2.0}, "2.0"),
        (RandomShiftFlip, {"shift": -1.0}, "shift=-1"),
        (RandomShiftFlip, {"shift": float("inf")}, "shift=inf"),
        (RandomShiftFlip, {"shift": float("nan")}, "shift=nan"),
        (RandomShiftFlip, {"shift": 0.0, "p_flip": 0.0}, "shift=0"),
        (RandomShiftFlip, {"p_flip": 2.0}, "2.0"),
        (ContrastiveViews, {"strength": -0.1}, "strength=-0.1"),
        (ContrastiveViews, {"strength": 2.6}, "strength=2.6"),
        (ContrastiveViews, {"strength": float("nan")}, "strength=nan"),
    ],
)
def test_bad_arguments_are_refused(
    kind: type[nn.Module], arguments: dict[str, float], said: str
) -> None:
    with pytest.raises(UnlearnableError, match=said):
        kind(**arguments)


@pytest.mark.parametrize(
    "augmentation",
    [*RANDOM_PLAIN, ueraser_views],
    ids=lambda each: getattr(each, "__name__", str(each)),
)
def test_whole_numbers_are_refused_where_255_would_be_clipped(augmentation: nn.Module) -> None:
    images = (batch() * 255).to(torch.uint8)
    if isinstance(augmentation, (RandomCropFlip, Cutout)):  # move or black out any numbers
        assert augmentation(images).dtype == torch.uint8
        return
    for made in (augmentation, ueraser_views):
        with pytest.raises(UnlearnableError, match=r"images\.float\(\) / 255"):
            made(images)


def test_a_window_of_many_pixels_is_refused() -> None:
    assert MedianBlur(kernel_size=15)(batch(height=9, count=1)).shape == (1, 3, 9, 32)
    with pytest.raises(UnlearnableError, match="at most 15"):
        MedianBlur(kernel_size=17)


@pytest.mark.parametrize("module", [JPEG(quality=22), Grayscale(), ContrastiveViews()], ids=str)
def test_two_channels_are_refused_where_colour_matters(module: nn.Module) -> None:
    with pytest.raises(UnlearnableError, match="2 channels"):
        module(torch.rand(4, 2, 8, 8))


@every
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_it_works_on_cuda_without_being_moved_there(augmentation: nn.Module) -> None:
    images = batch()
    result = augmentation(images.cuda())
    assert result.is_cuda
    if augmentation in FIXED:
        assert (result.cpu() - augmentation(images)).abs().mean() < 0.5 / 255
