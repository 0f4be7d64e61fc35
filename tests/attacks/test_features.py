"""Features are what the last linear layer takes in, of a model and of its frozen copy."""

import pytest
import torch
from torch import Tensor, nn

from unlearnable_lightning.attacks.features import Features
from unlearnable_lightning.attacks.folded_copy import FoldedCopy
from unlearnable_lightning.attacks.frozen_model import FrozenModel
from unlearnable_lightning.attacks.outline import outline
from unlearnable_lightning.models import NAMES, build_model

IMAGES = torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(0))


def what_enters_the_head(model: nn.Module) -> Tensor:
    """Of `IMAGES`: what the network's last linear layer is given."""
    head = [layer for layer in model.modules() if isinstance(layer, nn.Linear)][-1]
    seen: list[Tensor] = []
    with head.register_forward_pre_hook(lambda _, given: seen.append(given[0].clone())):
        model(IMAGES)
    return seen[0]


@pytest.mark.parametrize("name", NAMES)
def test_they_are_what_enters_the_last_linear_layer(name: str) -> None:
    torch.manual_seed(0)
    model = build_model(name, num_classes=5, in_channels=3, image_size=16).eval()
    expected, before = what_enters_the_head(model), outline(model)
    assert torch.equal(Features(model)(IMAGES), expected)
    assert outline(model) == before  # which refuses hooks
    frozen = FrozenModel(model, (3, 16, 16))
    assert isinstance(frozen.network, FoldedCopy)
    torch.testing.assert_close(Features(frozen)(IMAGES), expected, rtol=1e-3, atol=1e-4)


class LastIsFirst(nn.Module):
    """Its last layer is not the last that it names, and one is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(6, 4)
        self.first = nn.Linear(768, 6)
        self.twice = nn.Linear(6, 6)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.head(self.twice(self.twice(self.first(images.flatten(1)))))
        return logits


def test_the_layer_is_the_last_that_is_called() -> None:
    model = LastIsFirst()
    hidden = model.twice(model.twice(model.first(IMAGES.flatten(1))))
    assert torch.equal(Features(model)(IMAGES), hidden)


def test_their_gradient_reaches_the_images_and_bfloat16_gives_float32() -> None:
    model = build_model("cnn_small", num_classes=5, in_channels=3, image_size=16)
    features = Features(FrozenModel(model, (3, 16, 16), torch.bfloat16))
    images = IMAGES.clone().requires_grad_()
    found = features(images)
    assert found.dtype == torch.float32
    (gradient,) = torch.autograd.grad(found.square().sum(), images)
    assert gradient.any()
    assert all(weight.grad is None for weight in model.parameters())


def test_a_broken_forward_pass_leaves_no_hook() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(5, 2))
    with pytest.raises(RuntimeError):
        Features(model)(IMAGES)
    assert not model[1]._forward_hooks
