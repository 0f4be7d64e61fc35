"""OPS against a loop over pixels and colours, and against known pixels of CIFAR-10."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.methods.ops import cifar10_s, ops, shortcuts

NONE = torch.Generator()


def naive(images: Tensor, labels: Tensor) -> dict[int, tuple[int, tuple[int, ...], float]]:
    """Position, colour and score of every class, one pixel each."""
    _, channels, height, width = images.shape
    used, found = set(), {}
    for label in sorted(set(labels.tolist())):
        pixels = images[labels == label].numpy().astype(np.float64) / 255
        best = (-1.0, 0, ())
        for row, column in itertools.product(range(height), range(width)):
            for colour in itertools.product((0, 1), repeat=channels):
                away = np.abs(np.array(colour) - pixels[:, :, row, column])
                score = away.mean() / away.std()
                pair = row * width + column, colour
                if pair not in used and score > best[0]:
                    best = score, *pair
        used.add(best[1:])
        found[label] = best[1], best[2], best[0]
    return found


@pytest.mark.parametrize("shape", [(3, 5, 7), (1, 6, 4)])
@pytest.mark.parametrize("seed", range(5))
def test_pixels_equal_the_naive_loop(seed: int, shape: tuple[int, ...], drawn: Callable) -> None:
    images, labels = drawn(60, shape, classes=5, seed=seed)
    expected = naive(images, labels)
    found = shortcuts(images, labels)
    assert list(found) == list(expected)
    for label, (position, colour, score) in expected.items():
        assert found[label].positions.tolist() == [position]
        assert found[label].colours.tolist() == [list(colour)]
        assert found[label].scores.item() == pytest.approx(score, rel=1e-12)


@pytest.mark.parametrize("pixels", [1, 3])
def test_only_the_pixels_of_the_class_are_set(pixels: int, drawn: Callable) -> None:
    images, labels = drawn(60, (3, 8, 6))
    poisoned = ops(images, labels, NONE, pixels=pixels)
    for label, shortcut in shortcuts(images, labels, pixels).items():
        assert len(shortcut.positions.unique()) == pixels
        assert (shortcut.scores.diff() <= 0).all()
        of_class = labels == label
        flat, before = poisoned[of_class].flatten(2), images[of_class].flatten(2)
        for position, colour in zip(shortcut.positions, shortcut.colours, strict=True):
            assert (flat[:, :, position] == 255 * colour).all()
        changed = (flat != before).any(1)
        changed[:, shortcut.positions] = False
        assert not changed.any()


def test_classes_that_look_alike_get_different_pairs(drawn: Callable) -> None:
    images, _ = drawn(1, (3, 2, 2))
    images = images + torch.arange(5, dtype=torch.uint8).view(-1, 1, 1, 1)
    twice = torch.cat([images, images, images])
    labels = torch.arange(15) // 5
    found = shortcuts(twice, labels)
    pairs = {(of.positions.item(), tuple(of.colours[0].tolist())) for of in found.values()}
    assert len(pairs) == 3


def test_an_edge_that_is_always_black_is_a_perfect_shortcut() -> None:
    images = torch.zeros(20, 1, 6, 6, dtype=torch.uint8)
    images[:, :, 2:4, 2:4] = torch.randint(256, (20, 1, 2, 2), dtype=torch.uint8)
    found = shortcuts(images, torch.arange(20) % 2)
    assert [of.positions.item() for of in found.values()] == [0, 1]
    assert all(of.colours.item() == 1 and of.scores.item() == float("inf") for of in found.values())


def test_cifar10_s_replaces_the_other_noise_at_the_pixel(drawn: Callable) -> None:
    images, labels = drawn(60, (3, 8, 6))
    other = images + 7
    both, alone = cifar10_s(images, labels, NONE, other), ops(images, labels, NONE)
    for label, shortcut in shortcuts(images, labels).items():
        of_class = labels == label
        flat = both[of_class].flatten(2)
        assert torch.equal(
            flat[:, :, shortcut.positions], alone[of_class].flatten(2)[:, :, shortcut.positions]
        )
        elsewhere = torch.ones(48, dtype=torch.bool)
        elsewhere[shortcut.positions] = False
        assert torch.equal(flat[:, :, elsewhere], other[of_class].flatten(2)[:, :, elsewhere])
    assert torch.equal(other, images + 7)


def test_what_cannot_be_set_is_refused(drawn: Callable) -> None:
    images, labels = drawn(20, (1, 2, 2), classes=4)
    with pytest.raises(UnlearnableError, match="at least 1"):
        ops(images, labels, NONE, pixels=0)
    with pytest.raises(UnlearnableError, match="4 positions in 2 colours"):
        ops(images, labels, NONE, pixels=3)
    with pytest.raises(UnlearnableError, match="4 positions"):
        ops(images[:2], labels[:2] * 0, NONE, pixels=5)
    assert ops(images, labels, NONE, pixels=2).shape == images.shape
    with pytest.raises(UnlearnableError, match="same images with another noise"):
        cifar10_s(images, labels, NONE, images[:5])


@pytest.mark.real_data
def test_known_pixels_of_cifar10(cifar10: tuple[Tensor, Tensor]) -> None:
    images, labels = cifar10
    found = shortcuts(images, labels)
    golden = {
        0: (4, 9, [0, 0, 0], 2.59201),
        1: (24, 14, [1, 1, 1], 2.95721),
        2: (15, 16, [1, 1, 1], 2.83545),
        3: (10, 12, [1, 1, 1], 2.45067),
        4: (20, 15, [1, 1, 1], 2.90488),
    }
    for label, (row, column, colour, score) in golden.items():
        assert divmod(found[label].positions.item(), 32) == (row, column)
        assert found[label].colours[0].tolist() == colour
        assert found[label].scores.item() == pytest.approx(score, abs=5e-6)
