"""AR: fields against a raster loop, filters that name the class, coefficients and their search."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.methods import ar_search
from unlearnable_lightning.noise.methods.ar import ar
from unlearnable_lightning.noise.methods.ar_coefficients import coefficients_for
from unlearnable_lightning.noise.methods.ar_recurrence import border_size, grow, response
from unlearnable_lightning.noise.methods.ar_search import search


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def normal(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=seeded(1), dtype=torch.float64)


def raster(weights: Tensor, border: Tensor, height: int, width: int) -> Tensor:
    """One field [C, H, W] of weights [C, 3, 3] from a border, pixel after pixel."""
    rows, columns = height + 4, width + 4
    field = torch.zeros(len(weights), rows, columns, dtype=torch.float64)
    field[:, :2] = border[:, : 2 * columns].reshape(-1, 2, columns)
    field[:, 2:, :2] = border[:, 2 * columns :].reshape(-1, rows - 2, 2)
    for i in range(rows - 2):
        for j in range(columns - 2):
            field[:, i + 2, j + 2] = 0
            window = field[:, i : i + 3, j : j + 3]
            field[:, i + 2, j + 2] = (weights * window).sum((1, 2))
    return field[:, 4:, 4:]


@pytest.mark.parametrize(("channels", "height", "width"), [(3, 32, 32), (1, 10, 17), (3, 9, 5)])
def test_fields_equal_the_raster_loop(channels: int, height: int, width: int) -> None:
    weights = coefficients_for(10)[3, :channels]
    borders = normal(2, channels, border_size(height, width))
    fields = grow(weights, borders, height, width)
    for field, border in zip(fields, borders, strict=True):
        expected = raster(weights, border, height, width)
        torch.testing.assert_close(field, expected, rtol=0, atol=1e-9)


def test_response_equals_its_definition() -> None:
    weights, field = coefficients_for(10)[:2], normal(1, 3, 6, 5)
    for label in range(2):
        total = 0.0
        for i in range(4):
            for j in range(3):
                window = field[0, :, i : i + 3, j : j + 3]
                total += max(0, ((weights[label] * window).sum() - field[0, :, i + 2, j + 2].sum()))
        assert response(field, weights)[0, label].item() == pytest.approx(float(total))


def test_own_filter_is_silent_and_a_transposed_field_is_not() -> None:
    weights = coefficients_for(10)
    for label in range(10):
        fields = grow(weights[label], normal(20, 3, border_size(32, 32)), 32, 32)
        fields = fields / fields.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
        assert response(fields, weights)[:, label].max() < 2e-6
        assert response(fields.transpose(2, 3), weights)[:, label].min() > 0.1


@pytest.mark.parametrize("classes", [10, 100])
@pytest.mark.parametrize(("shape", "least"), [((3, 32, 32), 1.0), ((1, 28, 28), 0.95)])
def test_filters_name_the_class_of_the_released_image(
    classes: int, shape: tuple[int, ...], least: float
) -> None:
    """Rounded and clipped; grey images have a third of the evidence."""
    images = torch.randint(128, 256, (1000, *shape), generator=seeded(), dtype=torch.uint8)
    labels = torch.arange(1000) % classes
    noise = ar(images, labels, seeded())
    released = (images + noise).clamp(0, 255) - images.short()
    assert (released != noise).flatten(1).any(1).double().mean() > 0.5
    weights = coefficients_for(classes)[:, : shape[0]]
    named = response(released.double() / 255, weights).argmin(1)
    assert (named == labels).double().mean() >= least


def test_l2_is_1_on_32_pixels_and_3_on_96(drawn: Callable) -> None:
    for shape, l2, expected in (
        ((3, 32, 32), None, 1),
        ((3, 96, 96), None, 3),
        ((1, 20, 12), None, (240 / 3072) ** 0.5),
        ((3, 32, 32), 2.5, 2.5),
    ):
        noise = ar(*drawn(20, shape), seeded(), l2=l2)
        norms = (noise.double() / 255).flatten(1).norm(dim=1)
        assert norms.sub(expected).abs().max() < 0.03 * expected  # rounding: 0.3 levels of 4.6


def test_noise_is_centred_and_no_class_mean(drawn: Callable) -> None:
    images, labels = drawn(800)
    noise = ar(images, labels, seeded()).double()
    assert noise.mean().abs() < 0.1  # floor would give -0.5
    means = torch.stack([noise[labels == label].mean(0) for label in (0, 2, 3)])
    counts = torch.stack([(labels == label).sum() for label in (0, 2, 3)])
    share = means.square().sum((1, 2, 3)) @ counts.double() / noise.square().sum()
    assert share < 0.02


def test_a_bound_per_pixel_is_not_taken_for_an_l2(drawn: Callable) -> None:
    with pytest.raises(UnlearnableError, match=r"rounds to nothing in 8 bits.*usual one here is 1"):
        ar(*drawn(3), seeded(), l2=8 / 255)


@pytest.mark.parametrize("classes", [10, 100])
def test_what_we_ship_is_finite_and_sums_to_1(classes: int) -> None:
    weights = coefficients_for(classes)
    assert weights.shape == (classes, 3, 3, 3)
    assert weights.isfinite().all()
    assert not weights[:, :, 2, 2].any()
    torch.testing.assert_close(
        weights.sum((2, 3)), torch.ones(classes, 3, dtype=torch.float64), rtol=0, atol=1e-12
    )


def test_more_classes_than_we_ship_are_refused_with_the_search(drawn: Callable) -> None:
    images, labels = drawn(4)
    assert len(coefficients_for(11)) == 100
    labels[0] = 100
    with pytest.raises(UnlearnableError, match=r"101 classes.*has coefficients for 100.*--classes"):
        ar(images, labels, seeded())


def test_the_search_finds_what_we_ship() -> None:
    """The first four classes of ten, which are there after one batch of draws."""
    torch.testing.assert_close(search(4, seed=1), coefficients_for(10)[:4], rtol=0, atol=1e-9)
    torch.testing.assert_close(
        search(8, seed=0, distance=5), coefficients_for(100)[:8], rtol=0, atol=1e-9
    )


def test_a_trial_passes_fields_of_l2_up_to_50(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ar_search, "_BATCH", 150)
    weights = torch.cat([ar_search._draw(seeded()), coefficients_for(10)])
    passed, fields = ar_search._trial(weights, 32, seeded(2))
    random = seeded(2)
    top = torch.randn(2, 3, 36, 160, generator=random, dtype=torch.float64)
    left = torch.randn(34, 3, 2, 160, generator=random, dtype=torch.float64)
    borders = torch.cat([part.permute(3, 1, 0, 2).flatten(2) for part in (top, left)], 2)
    expected = torch.stack(
        [grow(w, b[None], 32, 32)[0] for w, b in zip(weights, borders, strict=True)]
    )
    norms = expected.flatten(1).norm(dim=1)
    assert passed.tolist() == (norms <= 50).nonzero()[:, 0].tolist()
    assert 0 < len(passed) < 80
    torch.testing.assert_close(fields, expected[passed], rtol=1e-9, atol=1e-9)


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")
def test_a_search_prints_a_file_that_can_be_used(
    tmp_path: Path, drawn: Callable, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "three.json"
    monkeypatch.setattr("sys.argv", ["search", "--classes=3", "--distance=3"])
    runpy.run_module(ar_search.__name__, run_name="__main__")
    path.write_text(capsys.readouterr().out)
    assert "--classes 3 --seed 0 --distance 3 --size 32" in json.loads(path.read_text())["command"]
    assert len(coefficients_for(3, str(path))) == 3
    images, labels = drawn(8, classes=3)
    assert ar(images, labels, seeded(), coefficients=str(path)).any()
    labels[0] = 3
    with pytest.raises(UnlearnableError, match=r"4 classes, but .*three.json has .* for 3"):
        ar(images, labels, seeded(), coefficients=str(path))


def test_coefficients_without_an_end_are_refused(tmp_path: Path, drawn: Callable) -> None:
    weights = torch.zeros(1, 3, 3, 3, dtype=torch.float64)
    weights[..., 0, :] = torch.tensor([1e20, -1e20, 1])
    path = tmp_path / "wild.json"
    path.write_text(json.dumps({"coefficients": weights.tolist()}))
    images, labels = drawn(4)
    with pytest.raises(UnlearnableError, match="class 0 has no end at 32×32"):
        ar(images, labels * 0, seeded(), coefficients=str(path))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"coefficients": [1, 2]}',
        '{"coefficients": "x"}',
        json.dumps({"coefficients": [[[[1.0] * 3] * 3] * 3]}),
        json.dumps({"coefficients": [[[[float("nan")] * 3] * 3] * 3]}),
        json.dumps({"coefficients": [[[[1 / 9] * 3] * 3] * 3]}),
    ],
)
def test_a_file_of_no_coefficients_is_refused(text: str, tmp_path: Path, drawn: Callable) -> None:
    path = tmp_path / "some.json"
    path.write_text(text)
    with pytest.raises(UnlearnableError, match=r"some\.json.*ar_search > FILE"):
        ar(*drawn(4), seeded(), coefficients=str(path))
    with pytest.raises(UnlearnableError, match=r"none\.json cannot be read"):
        ar(*drawn(4), seeded(), coefficients=str(tmp_path / "none.json"))
