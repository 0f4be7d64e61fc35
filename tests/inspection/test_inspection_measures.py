"""Each measure against what it must be by hand."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.inspection import (
    Pair,
    class_mean_share,
    colour,
    components,
    drawn,
    linear_probe,
    measure,
    psnr,
    separability,
    sizes,
    spectrum,
    ssim,
)
from unlearnable_lightning.inspection.pixel_defences import gray, jpeg_10, median_3, two_bits

Make = Callable[..., Pair]
Draw = Callable[..., Tensor]


def test_sizes_are_of_each_image(pair_of: Make) -> None:
    change = torch.zeros(2, 3, 4, 6, dtype=torch.int16)
    change[0, :, 0, 0] = torch.tensor([3, -4, 0])
    change[1, 0, :2, 0] = torch.tensor([-12, 5])
    of = sizes(pair_of(change, torch.tensor([0, 1])))
    assert (of.l0_pixels.mean, of.l0_pixels.largest) == (1.5, 2)
    assert (of.l2_grey_levels.mean, of.l2_grey_levels.largest) == pytest.approx((9, 13))
    assert (of.linf_grey_levels.mean, of.linf_grey_levels.largest) == pytest.approx((8, 12))
    assert of.mean_grey_levels == pytest.approx(-8 / (2 * 3 * 4 * 6))


def test_psnr_is_of_all_images_together(pair_of: Make) -> None:
    """One unchanged image of two: a mean over images would be infinite."""
    change = torch.tensor([0, 10]).view(2, 1, 1, 1).expand(2, 3, 12, 12)
    assert psnr(pair_of(change, torch.arange(2))) == pytest.approx(10 * math.log10(255**2 / 50))


def test_ssim_is_a_gaussian_window_inside_the_image(pair_of: Make, noise: Draw) -> None:
    """Against the formula on the one window of an 11×11 image."""
    pair = pair_of(noise(1, 1, 11, 11), torch.zeros(1, dtype=torch.int64))
    x, y = (images.double().view(11, 11) / 255 for images in (pair.clean, pair.poisoned))
    line = torch.exp(-((torch.arange(11) - 5.0).double() ** 2) / (2 * 1.5**2))
    window = line.outer(line) / line.sum() ** 2
    mean_x, mean_y = (window * x).sum(), (window * y).sum()
    var_x, var_y = (window * x * x).sum() - mean_x**2, (window * y * y).sum() - mean_y**2
    covariance = (window * x * y).sum() - mean_x * mean_y
    expected = (2 * mean_x * mean_y + 1e-4) * (2 * covariance + 9e-4)
    expected /= (mean_x**2 + mean_y**2 + 1e-4) * (var_x + var_y + 9e-4)
    assert ssim(pair) == pytest.approx(expected.item(), abs=1e-4)


def test_ssim_says_that_its_window_does_not_fit(pair_of: Make, noise: Draw) -> None:
    assert ssim(pair_of(noise(2, 3, 10, 40), torch.arange(2))) is None


def test_class_mean_share_is_one_for_class_noise_and_chance_for_none(
    pair_of: Make, noise: Draw
) -> None:
    labels = torch.arange(200) % 4
    assert class_mean_share(pair_of(noise(4, 3, 8, 8), labels)) == pytest.approx(1, abs=1e-6)
    assert class_mean_share(pair_of(noise(200, 3, 8, 8), labels)) == pytest.approx(0.02, abs=0.004)


@pytest.mark.parametrize(
    ("direction", "share", "red_green", "red_blue"),
    [((1, 1, 1), 1, 1, 1), ((1, -1, 1), 3 * (0.299 - 0.587 + 0.114) ** 2 / 3, -1, 1)],
    ids=["colourless", "magenta and green"],
)
def test_colour(
    direction: tuple[int, ...],
    share: float,
    red_green: float,
    red_blue: float,
    pair_of: Make,
    noise: Draw,
) -> None:
    change = noise(6, 1, 9, 9) * torch.tensor(direction).view(3, 1, 1)
    of = colour(pair_of(change, torch.arange(6)))
    assert of is not None
    assert (of.luma_share, of.red_green, of.red_blue) == pytest.approx(
        (share, red_green, red_blue), abs=1e-6
    )


def test_colour_of_independent_channels_and_of_one(pair_of: Make, noise: Draw) -> None:
    of = colour(pair_of(noise(60, 3, 16, 16), torch.arange(60)))
    assert of is not None
    shares = (of.luma_share, of.low_luma_share, of.high_luma_share)
    assert shares == pytest.approx((0.447, 0.447, 0.447), abs=0.03)
    assert abs(of.red_green) < 0.02
    assert colour(pair_of(noise(6, 1, 9, 9), torch.arange(6))) is None


def test_colour_of_the_smooth_and_of_the_fine_part(pair_of: Make) -> None:
    """A smooth wave of green against red, and a fine one of gray that is as strong."""
    wave = 40 * torch.cos(torch.arange(16) * 2 * torch.pi / 16)
    smooth = torch.tensor([1, -1, 0]).view(3, 1, 1) * wave * (1.5**0.5)
    change = (smooth + 40 * (-1) ** torch.arange(16)).expand(2, 3, 16, 16).round().short()
    of = colour(pair_of(change, torch.arange(2)))
    assert of is not None
    green_against_red = 3 / 2 * (0.299 - 0.587) ** 2
    assert of.low_luma_share == pytest.approx(green_against_red, abs=0.01)
    assert of.high_luma_share == pytest.approx(1, abs=0.01)


def test_a_flat_noise_has_no_fine_part(pair_of: Make) -> None:
    of = colour(pair_of(torch.full((2, 3, 16, 16), 5).short(), torch.arange(2)))
    assert of is not None
    assert of.low_luma_share == pytest.approx(1, abs=1e-6)
    assert of.high_luma_share == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (12, 20), (9, 15)])
def test_spectrum_finds_a_wave_at_its_frequency(height: int, width: int, pair_of: Make) -> None:
    right = torch.arange(width) * 2 * torch.pi * 3 / width
    down = torch.arange(height)[:, None] * 2 * torch.pi * 4 / height
    wave = (60 * torch.cos(right + down)).round().short()
    of = spectrum(pair_of(wave.expand(2, 3, height, width), torch.arange(2)))
    assert of.mean_radius == pytest.approx(5, abs=0.05)
    assert of.low_share < 0.01
    top = (of.power == of.power.max()).nonzero() - torch.tensor([height // 2, width // 2])
    assert {(4, 3), (-4, -3)} >= {tuple(place.tolist()) for place in top}


def test_components_of_class_noise_are_few(pair_of: Make, noise: Draw) -> None:
    of = components(pair_of(noise(3, 3, 6, 8), torch.arange(90) % 3))
    assert of.class_means_share == pytest.approx(1, abs=1e-5)
    assert len(of.class_means_variance) == 2
    assert sum(of.variance[:2]) == pytest.approx(1, abs=1e-4)
    assert len({tuple(point.round(decimals=3).tolist()) for point in of.points[:, :2]}) == 3
    loose = components(pair_of(noise(90, 3, 6, 8), torch.arange(90) % 3))
    assert loose.class_means_share == pytest.approx(2 / 89, abs=0.01)


@pytest.mark.parametrize("size", [20, 28, 45])
def test_a_frequency_at_the_limit_counts_as_low(size: int, pair_of: Make) -> None:
    """size · fftfreq(size) is 4.0000002 there."""
    down = torch.arange(size)[:, None] * 2 * torch.pi * 4 / size
    wave = (60 * torch.cos(down)).round().short()
    of = spectrum(pair_of(wave.expand(2, 3, size, size), torch.arange(2)))
    assert of.low_share > 0.99


@pytest.mark.parametrize("count", [51, 97, 117, 500, 997])
def test_the_same_noise_on_all_images_has_no_components(
    count: int, pair_of: Make, noise: Draw
) -> None:
    """Its rounding errors gave classes 900 % of the variance."""
    labels = torch.arange(count) % 7
    of = components(pair_of(noise(1, 3, 8, 8).expand(count, -1, -1, -1), labels))
    assert of.class_means_share == 0
    assert set(of.variance) == set(of.class_means_variance) == {0.0}


@pytest.mark.parametrize("levels", [(4, 4, 4), (4, -3, 7), (5, 0, 0)], ids=str)
def test_flat_colours_correlate_with_nothing(levels: tuple[int, ...], pair_of: Make) -> None:
    flat = torch.tensor(levels).view(1, 3, 1, 1).short().expand(120, 3, 16, 20)
    of = colour(pair_of(flat, torch.arange(120) % 4))
    assert of is not None
    assert of.red_green == of.red_blue == 0


def test_components_leave_the_random_stream_alone(pair_of: Make, noise: Draw) -> None:
    pair = pair_of(noise(90, 1, 6, 8), torch.arange(90) % 3)
    torch.manual_seed(7)
    first = components(pair, seed=3)
    after = torch.rand(1)
    torch.manual_seed(7)
    assert torch.rand(1) == after
    assert torch.equal(first.points, components(pair, seed=3).points)


def test_the_probe_is_fitted_to_one_part_and_scored_on_another(noise: Draw) -> None:
    labels = torch.arange(300) % 3
    known = linear_probe(noise(3, 60)[labels], labels)
    assert (known.train, known.held_out) == (1, 1)
    by_heart = linear_probe(noise(300, 1000), labels)
    assert by_heart.train > 0.95
    assert by_heart.held_out < 0.6


def test_the_probe_takes_labels_with_gaps_and_features_without_anything() -> None:
    labels = torch.tensor([5, 9]).repeat(50)
    nothing = linear_probe(torch.zeros(100, 4), labels)
    assert nothing.held_out == pytest.approx(0.5, abs=0.3)
    assert linear_probe(labels[:, None] - 7, labels).held_out == 1


@pytest.mark.parametrize("channels", [1, 3])
def test_pixel_defences_equal_pil(channels: int) -> None:
    from io import BytesIO

    from PIL import ImageFilter, ImageOps

    random = torch.Generator().manual_seed(0)
    coarse = torch.rand(1, channels, 6, 6, generator=random)
    smooth = torch.nn.functional.interpolate(coarse, size=(32, 40), mode="bicubic")
    image = (255 * smooth).clamp(0, 255).to(torch.uint8)
    array = image[0].permute(1, 2, 0).numpy()
    pil = Image.fromarray(array if channels == 3 else array[..., 0])

    def off(ours: Tensor, theirs: Image.Image) -> float:
        expected = np.asarray(theirs.convert(pil.mode)).reshape(array.shape)
        return float(np.abs(ours[0].permute(1, 2, 0).numpy().astype(int) - expected).mean())

    assert off(two_bits(image), ImageOps.posterize(pil, 2)) == 0
    assert off(median_3(image), pil.filter(ImageFilter.MedianFilter(3))) == 0
    if channels == 3:
        assert off(gray(image), pil.convert("L")) == 0
    file = BytesIO()
    pil.save(file, "JPEG", quality=10)
    assert off(jpeg_10(image), Image.open(file)) < 0.1


def test_separability_of_gray_images_leaves_gray_out(pair_of: Make, noise: Draw) -> None:
    labels = torch.arange(60) % 2
    assert list(separability(pair_of(noise(2, 1, 8, 10), labels))) == [
        *("none", "JPEG-10", "bit depth 2", "median 3×3")
    ]
    colour_noise = separability(pair_of(noise(2, 3, 8, 8), labels))
    assert "gray" in colour_noise
    assert colour_noise["none"].energy == 1
    assert colour_noise["none"].accuracy.held_out == 1


def test_a_defence_keeps_of_the_noise_what_it_changes_along_with_it(pair_of: Make) -> None:
    """Gray keeps all of white noise, the luma of green, and nothing of a colour without luma, but
    for its rounding to whole grey levels, which is half of one in 30 at most."""
    labels = torch.arange(60) % 2
    kept = {}
    for name, color in (("white", (30, 30, 30)), ("green", (0, 30, 0)), ("dark", (50, -25, -1))):
        change = torch.tensor(color).view(1, 3, 1, 1).expand(60, 3, 8, 8)
        kept[name] = separability(pair_of(change, labels))["gray"].kept
    assert kept == pytest.approx({"white": 1, "green": 0.587, "dark": 0}, abs=0.02)
    unchanged = torch.zeros(60, 3, 8, 8, dtype=torch.int64)
    assert separability(pair_of(unchanged, labels))["none"].kept == 0


@pytest.mark.parametrize("shape", [(1, 8, 14), (3, 13, 12), (3, 1, 1)], ids=str)
def test_all_measures_of_images_of_any_shape(
    shape: tuple[int, ...], pair_of: Make, noise: Draw
) -> None:
    """Half of the images are changed, and one class has none."""
    labels = torch.tensor([0, 2, 3]).repeat(80)
    change = noise(4, *shape)[labels]
    change[::2] = 0
    pair = pair_of(change, labels)
    of = measure(pair, drawn(pair))
    assert (of.images, of.changed, of.inspected) == (240, int(pair.touched.sum()), of.changed)
    assert of.sizes.linf_grey_levels.largest <= 8
    assert of.class_mean_share == pytest.approx(1, abs=1e-5)


def test_the_draw_takes_changed_images_of_each_class(pair_of: Make, noise: Draw) -> None:
    labels = torch.arange(400) // 200
    change = noise(400, 1, 4, 4)
    change[::4] = 0
    pair = pair_of(change, labels)
    rows = drawn(pair, images=60, seed=3)
    assert pair.touched[rows].all()
    assert labels[rows].bincount().tolist() == [30, 30]
    assert torch.equal(rows, drawn(pair, images=60, seed=3))
    assert not torch.equal(rows, drawn(pair, images=60, seed=4))


def test_large_images_are_fewer(
    monkeypatch: pytest.MonkeyPatch, pair_of: Make, noise: Draw
) -> None:
    from unlearnable_lightning.inspection import measures

    monkeypatch.setattr(measures, "_MOST_NUMBERS", 80 * 16)
    pair = pair_of(noise(400, 1, 4, 4), torch.arange(400) % 2)
    assert len(drawn(pair)) == 80
    assert len(drawn(pair, images=100)) == 100


def test_what_cannot_be_measured_is_refused(pair_of: Make, noise: Draw) -> None:
    labels = torch.arange(100) % 2
    with pytest.raises(UnlearnableError, match=r"changes 0 of 100 images; .* at least 50"):
        drawn(pair_of(torch.zeros(100, 1, 4, 4, dtype=torch.int16), labels))
    some = noise(100, 1, 4, 4)
    some[40:] = 0
    with pytest.raises(UnlearnableError, match=r"changes \d+ of 100 images; .* at least 50"):
        drawn(pair_of(some, labels))
    with pytest.raises(UnlearnableError, match="images of class 7 alone"):
        drawn(pair_of(noise(100, 1, 4, 4), torch.full((100,), 7)))
    with pytest.raises(UnlearnableError, match="images=49"):
        drawn(pair_of(noise(100, 1, 4, 4), labels), images=49)


@pytest.mark.parametrize(
    ("clean", "poisoned", "labels", "message"),
    [
        (torch.zeros(2, 3, 4, 4), None, None, "clean images are torch.float32"),
        (None, torch.zeros(2, 3, 4, 5, dtype=torch.uint8), None, "the same images twice"),
        (None, None, torch.zeros(3).long(), "3 labels"),
        (None, None, torch.zeros(2), "labels are torch.float32"),
        (*(torch.zeros(2, 2, 4, 4, dtype=torch.uint8),) * 2, None, "2 channels"),
    ],
    ids=["floats", "shapes", "count", "float labels", "channels"],
)
def test_what_is_no_pair_is_refused(
    clean: Tensor, poisoned: Tensor, labels: Tensor, message: str
) -> None:
    images = torch.zeros(2, 3, 4, 4, dtype=torch.uint8)
    given = [
        other if one is None else one
        for one, other in ((clean, images), (poisoned, images), (labels, torch.zeros(2).long()))
    ]
    with pytest.raises(UnlearnableError, match=message):
        Pair(*given)
