"""LSP: tiles, clusters, norm."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.methods.lsp import lsp


def noise_of(images: Tensor, labels: Tensor, **settings: object) -> Tensor:
    return lsp(images, labels, torch.Generator().manual_seed(0), **settings)


def norms(noise: Tensor) -> Tensor:
    return (noise.double() / 255).flatten(1).norm(dim=1)


def test_l2_is_six_grey_levels_per_pixel(drawn: Callable) -> None:
    for shape, l2, expected in (
        ((3, 32, 32), None, 1.3041),
        ((1, 24, 48), None, 6 / 255 * 1152**0.5),
        ((3, 32, 32), 3.0, 3),
    ):
        of = norms(noise_of(*drawn(200, shape), l2=l2))
        assert of.mean() == pytest.approx(expected, rel=0.005)
        # 8 bits round the same way over a whole tile: 0.29 levels each, 6 on average
        assert of == pytest.approx(torch.full_like(of, expected), rel=0.05)


@pytest.mark.parametrize(("shape", "tile"), [((3, 32, 32), 8), ((3, 20, 13), 8), ((1, 9, 9), 4)])
def test_tiles_have_one_colour_and_are_cut_at_the_edge(
    shape: tuple[int, ...], tile: int, drawn: Callable
) -> None:
    noise = noise_of(*drawn(20, shape), tile=tile)
    for row in range(0, shape[1], tile):
        for column in range(0, shape[2], tile):
            block = noise[:, :, row : row + tile, column : column + tile].flatten(2)
            assert (block == block[:, :, :1]).all()
    assert len(noise[0, 0].unique()) > 1


def test_every_image_has_its_own_sample_of_its_class(drawn: Callable) -> None:
    images, labels = drawn(400, classes=6)
    noise = noise_of(images, labels).double().flatten(1)
    assert len(noise.unique(dim=0)) == len(noise)
    means = torch.stack([noise[:200][labels[:200] == label].mean(0) for label in (0, 2, 3, 4, 5)])
    nearest = torch.tensor([0, 2, 3, 4, 5])[torch.cdist(noise[200:], means).argmin(1)]
    assert torch.equal(nearest, labels[200:])
    share = means[torch.bucketize(labels[200:], torch.tensor([0, 2, 3, 4, 5]))].square().sum()
    assert 0.84 < share / noise[200:].square().sum() < 0.91  # 10²/(10² + P/3), P = 48: 0.86


def test_all_corners_of_a_small_cube_are_used(drawn: Callable) -> None:
    """One channel and one row of three tiles: eight corners for eight classes."""
    images = torch.full((400, 1, 8, 24), 128, dtype=torch.uint8)
    labels = torch.arange(400) % 8
    noise = noise_of(images, labels)[:, 0, 0, ::8].double()
    corners = [tuple(noise[labels == label].mean(0).sign().tolist()) for label in range(8)]
    assert len(set(corners)) == 8


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"tile": 40}, "9 classes.*only 8 different corners"),
        ({"tile": 0}, "at least 1 pixel"),
        ({"l2": 8 / 255}, "rounds to nothing in 8 bits.*usual one here is 1.304"),
        ({"l2": 56.0}, "at most 55.4"),
        ({"l2": float("nan")}, "out of range"),
    ],
)
def test_settings_out_of_range_are_refused(
    settings: dict[str, float], rule: str, drawn: Callable
) -> None:
    images, labels = drawn(20, classes=4)
    labels[0] = 8
    with pytest.raises(UnlearnableError, match=rule):
        noise_of(images, labels, **settings)
