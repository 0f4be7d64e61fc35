import hashlib

import pytest
import torch

from unlearnable_lightning.data.shapes_images import CLASS_NAMES, draw_shapes
from unlearnable_lightning.errors import UnlearnableError


def test_class_names_are_ten_distinct_names() -> None:
    assert len(CLASS_NAMES) == len(set(CLASS_NAMES)) == 10


@pytest.mark.parametrize(("count", "size"), [(0, 32), (1, 32), (50, 16), (50, 28), (1003, 32)])
def test_shapes_and_dtypes(count: int, size: int) -> None:
    images, labels = draw_shapes(count, seed=0, image_size=size)
    assert images.shape == (count, 3, size, size)
    assert images.dtype == torch.uint8
    assert labels.shape == (count,)
    assert labels.dtype == torch.int64


def test_size_is_32_by_default() -> None:
    assert draw_shapes(1, seed=0)[0].shape[-2:] == (32, 32)


def test_classes_are_balanced_and_shuffled() -> None:
    labels = draw_shapes(203, seed=0)[1]
    counts = labels.bincount(minlength=10)
    assert counts.tolist() == [21, 21, 21, 20, 20, 20, 20, 20, 20, 20]
    assert not torch.equal(labels, torch.arange(203) % 10)


def test_same_seed_same_bytes_whatever_the_global_generator() -> None:
    torch.manual_seed(1)
    images, labels = draw_shapes(1200, seed=3)
    torch.manual_seed(2)
    again, labels_again = draw_shapes(1200, seed=3)
    assert torch.equal(images, again)
    assert torch.equal(labels, labels_again)


def test_global_generator_is_left_alone() -> None:
    torch.manual_seed(1)
    before = torch.get_rng_state()
    draw_shapes(10, seed=0)
    assert torch.equal(torch.get_rng_state(), before)


def test_bytes_are_known() -> None:
    """A change of the drawing, or a machine that draws otherwise, is seen here."""
    images, labels = draw_shapes(1200, seed=0)
    digest = hashlib.sha256(images.numpy().tobytes() + labels.numpy().tobytes()).hexdigest()
    assert digest[:16] == "a4fc89af4f8a14ea"


def test_other_seed_other_images() -> None:
    first, other = draw_shapes(40, seed=0)[0], draw_shapes(40, seed=1)[0]
    assert not torch.equal(first, other)


def test_no_image_is_drawn_twice() -> None:
    images = draw_shapes(1200, seed=0)[0]  # more than one chunk
    assert len(images.flatten(1).unique(dim=0)) == 1200


def test_noise_of_8_levels_is_not_clipped() -> None:
    images = draw_shapes(1000, seed=0)[0]
    assert images.min() >= 8
    assert images.max() <= 247


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("count", value) for value in (-1, 2.5, True)),
        *(("image_size", value) for value in (0, -1, 32.0)),
        *(("seed", value) for value in (0.5, 2**64)),
    ],
)
def test_arguments_that_mean_nothing_are_refused(name: str, value: int) -> None:
    with pytest.raises(UnlearnableError, match=f"{name}={value}"):
        draw_shapes(**{"count": 10, "seed": 0} | {name: value})
