"""What attacks and sweeps differentiate through gives what the model gives."""

import copy

import pytest
import torch
from torch import Tensor, nn

from unlearnable_lightning.attacks import pgd
from unlearnable_lightning.attacks.frozen_model import FrozenModel
from unlearnable_lightning.models import NAMES, build_model

SHAPE = (3, 16, 16)


def trained(model: nn.Module) -> nn.Module:
    """BatchNorm as after training: statistics and weights away from where they start."""
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.3, 0.3)
            nn.init.uniform_(module.running_mean, -0.5, 0.5)
            nn.init.uniform_(module.running_var, 0.3, 2)
    return model


def built(name: str) -> nn.Module:
    torch.manual_seed(0)
    return trained(build_model(name, num_classes=10, in_channels=3, image_size=16))


@pytest.fixture
def images() -> Tensor:
    return torch.rand(4, 3, 16, 16, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", [*NAMES, "torchvision.models.resnet18"])
def test_logits_are_those_of_the_model_in_eval_mode(name: str, images: Tensor) -> None:
    model = built(name)
    frozen_model = FrozenModel(model, SHAPE)
    with torch.no_grad():
        # 53 folded convolutions in float32 differ by 7e-5
        rtol = 2e-4 if name == "resnet50" else 1e-5
        torch.testing.assert_close(frozen_model(images), model.eval()(images), rtol=rtol, atol=1e-5)


@pytest.mark.parametrize("name", ["resnet18", "resnet_small", "cnn_small"])
def test_no_batchnorm_is_left(name: str) -> None:
    frozen_model = FrozenModel(built(name), SHAPE)
    assert frozen_model.folds
    called = {str(node.target) for node in frozen_model.network.network.graph.nodes}
    norms = [
        name
        for name, layer in frozen_model.network.named_modules()
        if isinstance(layer, nn.BatchNorm2d)
    ]
    assert not called & set(norms)


@pytest.mark.parametrize("name", [*NAMES, "torchvision.models.resnet18"])
def test_refresh_takes_over_what_training_changed(name: str, images: Tensor) -> None:
    model = built(name)
    frozen_model = FrozenModel(model, SHAPE)
    trained(model)
    frozen_model.refresh()
    with torch.no_grad():
        torch.testing.assert_close(frozen_model(images), model.eval()(images), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("name", ["resnet_small", "lenet"])
def test_model_is_left_as_it_was_found(name: str, dtype: torch.dtype, images: Tensor) -> None:
    model = built(name)
    model[1].eval()
    next(model.parameters()).requires_grad_(False)
    before = copy.deepcopy(model.state_dict())
    modes = [module.training for module in model.modules()]
    trainable = [parameter.requires_grad for parameter in model.parameters()]
    frozen_model = FrozenModel(model, SHAPE, dtype)
    pgd(frozen_model, images, torch.arange(4), epsilon=0.03, step_size=0.01, steps=2)
    after = model.state_dict()
    assert after.keys() == before.keys()
    assert all(torch.equal(after[key], before[key]) for key in before)
    assert all(after[key].dtype == before[key].dtype for key in before)
    assert [module.training for module in model.modules()] == modes
    assert [parameter.requires_grad for parameter in model.parameters()] == trainable


def test_copy_is_frozen_and_in_eval_mode() -> None:
    frozen_model = FrozenModel(built("resnet_small"), SHAPE)
    assert not any(module.training for module in frozen_model.modules())
    assert not any(parameter.requires_grad for parameter in frozen_model.parameters())


def test_error_minimizing_steps_are_those_of_the_model(images: Tensor) -> None:
    model, labels = built("resnet_small"), torch.arange(4)
    settings = {"epsilon": 8 / 255, "step_size": 0.8 / 255, "steps": 5, "minimize": True}
    start = torch.zeros_like(images)
    ours = pgd(FrozenModel(model, SHAPE), images, labels, **settings, start=start)
    theirs = pgd(model, images, labels, **settings, start=start)
    # a gradient of nearly zero may change its sign with the rounding
    assert ((ours - theirs).abs() < 1e-6).float().mean() > 0.99


@pytest.mark.parametrize("name", ["resnet_small", "lenet"])
def test_bfloat16_is_close_and_gives_float32(name: str, images: Tensor) -> None:
    model = built(name)
    frozen_model = FrozenModel(model, SHAPE, torch.bfloat16)
    assert {weight.dtype for weight in frozen_model.parameters()} == {torch.bfloat16}
    with torch.no_grad():
        got, exact = frozen_model(images), model.eval()(images)
    assert got.dtype == torch.float32
    assert (got - exact).abs().max() < 0.05 * exact.abs().max()
    assert not torch.equal(got, exact), "it was not computed in bfloat16"


def test_bfloat16_tells_parts_of_a_grey_level_near_white_apart() -> None:
    """A part of a grey level is lost in bfloat16, if cast before it is normalised."""
    grey = torch.tensor([251.0, 251.4]).view(2, 1, 1, 1).expand(2, 3, 16, 16) / 256
    assert len(grey.to(torch.bfloat16).unique()) == 1
    one, other = FrozenModel(built("resnet_small"), SHAPE, torch.bfloat16)(grey)
    assert not torch.equal(one, other)
    late = nn.Sequential(nn.Identity(), built("resnet_small"))  # its Normalize is not in front
    one, other = FrozenModel(late, SHAPE, torch.bfloat16)(grey)
    assert torch.equal(one, other), "bfloat16 is finer than this test believes"
