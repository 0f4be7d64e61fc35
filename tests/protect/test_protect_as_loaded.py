"""The surrogate of `protect` sees what a loader leaves of the noise, and lets gradients through."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from unlearnable_lightning.protect.as_loaded import AsLoaded, as_loaded
from unlearnable_lightning.protect.lay import strips


class Seen(nn.Module):
    """Notes what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.images: list[Tensor] = []

    def forward(self, images: Tensor) -> Tensor:
        self.images.append(images)
        return images.mean((2, 3))


def noise() -> Tensor:
    return torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def test_it_sees_what_a_real_resize_leaves_of_laid_noise() -> None:
    seen = Seen()
    AsLoaded(seen, 16).eval()(noise())
    levels = noise()[0] * 100
    picture = torch.cat([rows for _, rows in strips(levels, 64, 64, 127)], dim=1)[None].float()
    for size, found in ((16, seen.images[0]), (8, seen.images[1].flip(3))):
        loaded = F.interpolate(picture, (size, size), mode="bicubic", antialias=True)
        back = F.interpolate(loaded, (16, 16), mode="bicubic", antialias=True)
        assert (100 * found - back).abs().max() < 1  # whole grey levels against floats


def test_training_draws_and_eval_does_not() -> None:
    seen = Seen()
    model = AsLoaded(seen, 16)
    torch.manual_seed(0)
    for _ in range(8):
        model(noise())
    assert len({image.sum().item() for image in seen.images}) > 3
    model.eval()
    assert torch.equal(model(noise()), model(noise()))


def test_gradients_reach_the_noise() -> None:
    model = as_loaded(4, 3, 16).eval()
    images = noise().requires_grad_()
    model(images).sum().backward()
    assert images.grad is not None
    assert images.grad.abs().min() > 0
