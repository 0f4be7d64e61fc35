"""What all noises without a gradient have in common."""

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise.formulas.signs import signs
from unlearnable_lightning.noise.formulas.uniform import uniform
from unlearnable_lightning.noise.methods.ar import ar
from unlearnable_lightning.noise.methods.cuda import cuda
from unlearnable_lightning.noise.methods.lsp import lsp
from unlearnable_lightning.noise.methods.ops import ops

SHAPES = [(3, 32, 32), (1, 28, 28), (3, 12, 20), (1, 20, 12), (3, 9, 7)]
every_method = pytest.mark.parametrize("method", [lsp, ops, ar, cuda])


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def released(images: Tensor, result: Tensor) -> Tensor:
    """Poisoned images, whether the method gives them or differences."""
    return result if result.dtype == torch.uint8 else (images + result).clamp(0, 255).byte()


@every_method
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("n", [1, 40])
def test_every_image_gets_noise_of_its_shape(
    method: Callable[..., Tensor], shape: tuple[int, ...], n: int, drawn: Callable
) -> None:
    images, labels = drawn(n, shape)
    before = images.clone(), labels.clone()
    result = method(images, labels, seeded())
    assert result.shape == images.shape
    assert result.dtype in (torch.uint8, torch.int16)
    changed = (released(images, result) != images).flatten(1).any(1)
    assert changed.all()
    assert torch.equal(images, before[0])
    assert torch.equal(labels, before[1])


@every_method
def test_same_seed_same_bytes(method: Callable[..., Tensor], drawn: Callable) -> None:
    images, labels = drawn(30)
    first = method(images, labels, seeded(3))
    assert torch.equal(method(images, labels, seeded(3)), first)
    other = method(images, labels, seeded(4))
    assert torch.equal(other, first) == (method is ops)  # nothing of OPS is drawn


@every_method
def test_memory_layout_and_pieces_do_not_count(
    method: Callable[..., Tensor], drawn: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = drawn(30, (3, 12, 20))
    expected = method(images, labels, seeded())
    channels_last = images.contiguous(memory_format=torch.channels_last)
    assert torch.equal(method(channels_last, labels, seeded()), expected)
    if method in (ops, cuda):  # the others draw per piece
        monkeypatch.setattr("unlearnable_lightning.noise.by_class._NUMBERS", 3 * 3 * 12 * 20)
        assert torch.equal(method(images, labels, seeded()), expected)


@every_method
def test_a_class_at_the_end_changes_nothing_for_the_others(
    method: Callable[..., Tensor], drawn: Callable
) -> None:
    images, labels = drawn(30)
    with_another = method(images, torch.cat([labels[:-1], torch.tensor([6])]), seeded())
    without = method(images[:-1], labels[:-1], seeded())
    assert torch.equal(with_another[:-1], without)


@pytest.mark.parametrize(
    "method",
    [lsp, ar, cuda, partial(cuda, kernel_size=9, blur=0.06)],
    ids=["lsp", "ar", "cuda", "cuda_9x9"],
)
def test_classes_are_known_by_label_not_by_place(
    method: Callable[..., Tensor], drawn: Callable
) -> None:
    """Images of one class, apart in the data, have more in common than neighbours."""
    images = drawn(1)[0].expand(200, -1, -1, -1).contiguous()
    labels = torch.arange(200) % 4
    noise = released(images, method(images, labels, seeded())).double() - images
    spectra = torch.fft.fft2(noise).abs().square()
    means = torch.stack([spectra[labels == label][:25].mean(0) for label in range(4)])
    late = torch.stack([spectra[labels == label][25:].mean(0) for label in range(4)])
    apart = torch.cdist(means.log1p().flatten(1), late.log1p().flatten(1))
    assert torch.equal(apart.argmin(1), torch.arange(4))


@every_method
@pytest.mark.parametrize(
    ("images", "labels", "rule"),
    [
        (torch.rand(4, 3, 8, 8), torch.zeros(4).long(), "must be uint8"),
        (torch.zeros(4, 8, 8).byte(), torch.zeros(4).long(), "N, C, H, W"),
        (torch.zeros(4, 2, 8, 8).byte(), torch.zeros(4).long(), "one or three channels"),
        (torch.zeros(4, 3, 8, 8).byte(), torch.zeros(4).int(), "int64"),
        (torch.zeros(4, 3, 8, 8).byte(), torch.zeros(3).long(), "one for each image"),
        (torch.zeros(0, 3, 8, 8).byte(), torch.zeros(0).long(), "at least 1"),
        (torch.zeros(2, 3, 0, 8).byte(), torch.zeros(2).long(), "at least 1"),
        (torch.zeros(2, 3, 8, 8).byte(), torch.tensor([-1, 0]), "from 0"),
        (torch.zeros(2, 3, 8, 8).byte(), torch.tensor([10**12, 0]), "between 0 and 65535"),
        (torch.zeros(2, 3, 8, 8).byte(), [0, 1], "labels are a list"),
        (torch.zeros(2, 3, 8, 8).byte().numpy(), torch.tensor([1, 0]), "images are a ndarray"),
    ],
)
def test_other_input_is_refused(
    method: Callable[..., Tensor], images: Tensor, labels: Tensor, rule: str
) -> None:
    with pytest.raises(UnlearnableError, match=rule):
        method(images, labels, seeded())


@pytest.mark.parametrize(
    "method",
    [partial(lsp, tile=2.5), partial(ops, pixels=1.5), partial(cuda, kernel_size=3.0)],
    ids=["lsp", "ops", "cuda"],
)
def test_counts_are_whole(method: Callable[..., Tensor], drawn: Callable) -> None:
    with pytest.raises(UnlearnableError, match="whole number"):
        method(*drawn(4), seeded())


@every_method
def test_the_global_stream_is_left_alone(method: Callable[..., Tensor], drawn: Callable) -> None:
    before = torch.get_rng_state()
    method(*drawn(6), seeded())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("method", [uniform, signs])
def test_an_epsilon_may_be_a_fraction(method: Callable[..., Tensor]) -> None:
    noise = method((2, 3, 8, 8), seeded(), "8/255")
    assert torch.equal(noise, method((2, 3, 8, 8), seeded(), 8 / 255))
    assert noise.abs().max() == 8
    with pytest.raises(UnlearnableError, match="8/255"):
        method((2, 3, 8, 8), seeded(), 8)
