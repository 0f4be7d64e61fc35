"""Networks that a copy could get wrong: what is attacked gives what the model gives."""

import copy
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations, prune, spectral_norm, weight_norm

from unlearnable_lightning.attacks import pgd
from unlearnable_lightning.attacks.frozen_model import FrozenModel
from unlearnable_lightning.models import Normalize

SHAPE = (3, 8, 8)
ZOO: dict[str, Callable[[], nn.Module]] = {}


def zoo(make: Callable[[], nn.Module]) -> Callable[[], nn.Module]:
    ZOO[make.__name__] = make
    return make


def trained(model: nn.Module) -> nn.Module:
    """Weights and statistics as after training: away from where they start."""
    for module in model.modules():
        if getattr(module, "running_mean", None) is not None:
            module.running_mean.uniform_(-0.5, 0.5)  # type: ignore[union-attr, operator]
            module.running_var.uniform_(0.3, 2)  # type: ignore[union-attr, operator]
    with torch.no_grad():
        for weight in model.parameters():
            weight.add_(0.3 * torch.randn_like(weight))
    return model


def head(*layers: nn.Module, channels: int = 4) -> nn.Sequential:
    return nn.Sequential(
        *layers, nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(4 * channels, 5)
    )


def conv(**kwargs: Any) -> nn.Conv2d:
    return nn.Conv2d(3, 4, 3, **kwargs)


@zoo
def weight_norm_by_hooks() -> nn.Module:
    return head(weight_norm(conv()), nn.BatchNorm2d(4))


@zoo
def spectral_norm_by_hooks() -> nn.Module:
    return head(spectral_norm(conv()), nn.BatchNorm2d(4))


@zoo
def weight_norm_by_parametrization() -> nn.Module:
    return head(parametrizations.weight_norm(conv()), nn.BatchNorm2d(4))


@zoo
def spectral_norm_by_parametrization() -> nn.Module:
    return head(parametrizations.spectral_norm(conv()), nn.BatchNorm2d(4))


@zoo
def parametrized_batchnorm() -> nn.Module:
    return head(conv(), parametrizations.weight_norm(nn.BatchNorm2d(4), dim=None))


@zoo
def pruned() -> nn.Module:
    layer = conv()
    prune.random_unstructured(layer, "weight", amount=0.5)
    return head(layer, nn.BatchNorm2d(4))


@zoo
def tied_convolutions() -> nn.Module:
    one, other = nn.Conv2d(3, 3, 3, bias=False), nn.Conv2d(3, 3, 3, bias=False)
    other.weight = one.weight
    return head(one, nn.BatchNorm2d(3), other, nn.BatchNorm2d(3), channels=3)


@zoo
def convolution_used_twice() -> nn.Module:
    layer = nn.Conv2d(3, 3, 3, padding=1)
    return head(layer, nn.BatchNorm2d(3), layer, nn.BatchNorm2d(3), channels=3)


@zoo
def batchnorm_used_twice() -> nn.Module:
    norm = nn.BatchNorm2d(3)
    return head(nn.Conv2d(3, 3, 3), norm, nn.Conv2d(3, 3, 3), norm, channels=3)


@zoo
def layer_used_twice_after_normalize() -> nn.Module:
    act = nn.Tanh()
    return head(Normalize(), conv(), act, nn.Conv2d(4, 4, 3), act, nn.Conv2d(4, 4, 1), act)


@zoo
def transposed() -> nn.Module:
    return head(nn.ConvTranspose2d(3, 4, 3), nn.BatchNorm2d(4))


@zoo
def grouped_dilated_reflecting() -> nn.Module:
    layer = nn.Conv2d(3, 6, 3, groups=3, dilation=2, padding=2, padding_mode="reflect")
    return head(layer, nn.BatchNorm2d(6, affine=False, momentum=None), channels=6)


@zoo
def batch_statistics() -> nn.Module:
    return head(conv(), nn.BatchNorm2d(4, track_running_stats=False))


@zoo
def other_norms() -> nn.Module:
    return head(conv(), nn.GroupNorm(2, 4), nn.Dropout(), nn.LayerNorm([4, 6, 6]))


@zoo
def late_normalize() -> nn.Module:
    return head(nn.Identity(), Normalize(), conv(), nn.BatchNorm2d(4))


@zoo
def own_batchnorm() -> nn.Module:
    class Doubling(nn.BatchNorm2d):
        def forward(self, x: Tensor) -> Tensor:
            return 2 * super().forward(x)

    return head(conv(), Doubling(4))


@zoo
def own_convolution() -> nn.Module:
    class Standardized(nn.Conv2d):
        def forward(self, x: Tensor) -> Tensor:
            return self._conv_forward(x, self.weight - self.weight.mean(), self.bias)

    return head(Standardized(3, 4, 3), nn.BatchNorm2d(4))


@zoo
def sequence_with_a_forward_of_its_own() -> nn.Module:
    class Reversed(nn.Sequential):
        def forward(self, x: Tensor) -> Tensor:
            for layer in reversed(list(self)):
                x = layer(x)
            return x

    return Reversed(*reversed(list(head(Normalize(), conv(), nn.BatchNorm2d(4)))))


@zoo
def forward_of_one_instance() -> nn.Module:
    model = head(conv(), nn.BatchNorm2d(4))
    plain = model[0].forward
    model[0].forward = lambda x: 2 * plain(x)
    return model


@zoo
def normalize_with_a_state() -> nn.Module:
    class Learned(Normalize):
        def __init__(self) -> None:
            super().__init__()
            self.shift = nn.Parameter(torch.zeros(3, 1, 1))

        def forward(self, images: Tensor) -> Tensor:
            return super().forward(images) + self.shift

    return head(Learned(), conv(), nn.BatchNorm2d(4))


def hooked(place: int, backward: bool = False) -> nn.Module:
    model = head(conv(), nn.BatchNorm2d(4))
    layer = model if place < 0 else model[place]
    if backward:
        layer.register_full_backward_hook(lambda _, grads, __: tuple(-grad for grad in grads))
    else:
        layer.register_forward_hook(lambda _, __, out: 3 * out)
    return model


@zoo
def hook_on_the_convolution() -> nn.Module:
    return hooked(0)


@zoo
def hook_on_the_root() -> nn.Module:
    return hooked(-1)


@zoo
def hook_on_a_gradient() -> nn.Module:
    return hooked(0, backward=True)


class Net(nn.Module):
    """Convolution, BatchNorm and a forward to be overridden."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm, self.scale = nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), 1.5

    def features(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x)).tanh().mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        return self.scale * self.features(x)


@zoo
def plain_tensor_attribute() -> nn.Module:
    class Shifted(Net):
        def __init__(self) -> None:
            super().__init__()
            self.mean = torch.tensor(0.5)

        def forward(self, x: Tensor) -> Tensor:
            return self.features(x - self.mean)

    return Shifted()


@zoo
def kept_activation() -> nn.Module:
    class Keeping(Net):
        def forward(self, x: Tensor) -> Tensor:
            self.last = [self.features(x)]
            return self.last[0]

    model = Keeping()
    model(torch.rand(2, *SHAPE))
    return model


@zoo
def assertion_on_the_type() -> nn.Module:
    class Asserting(Net):
        def forward(self, x: Tensor) -> Tensor:
            assert isinstance(x, Tensor)
            return self.features(x)

    return Asserting()


@zoo
def branch_on_the_type() -> nn.Module:
    class Branching(Net):
        def forward(self, x: Tensor) -> Tensor:
            return self.features(x) if isinstance(x, Tensor) else -self.features(x)

    return Branching()


@zoo
def branch_on_the_data() -> nn.Module:
    class Branching(Net):
        def forward(self, x: Tensor) -> Tensor:
            return self.features(x) if x.sum() > 0 else -self.features(x)

    return Branching()


@zoo
def weight_read_elsewhere() -> nn.Module:
    class Reading(Net):
        def forward(self, x: Tensor) -> Tensor:
            return self.features(x) + nn.functional.conv2d(x, self.conv.weight).mean((2, 3))

    return Reading()


@zoo
def weight_read_as_a_number() -> nn.Module:
    class Reading(Net):
        def forward(self, x: Tensor) -> Tensor:
            return self.features(x) * self.conv.weight.norm().item()

    return Reading()


@zoo
def weight_with_a_second_owner() -> nn.Module:
    class Owning(Net):
        def __init__(self) -> None:
            super().__init__()
            self.kernel = self.conv.weight

        def forward(self, x: Tensor) -> Tensor:
            return self.features(x) + nn.functional.conv2d(x, self.kernel).mean((2, 3))

    return Owning()


@zoo
def output_read_before_its_batchnorm() -> nn.Module:
    class Forked(Net):
        def forward(self, x: Tensor) -> Tensor:
            out = self.conv(x)
            return (self.norm(out) + out.relu()).mean((2, 3))

    return Forked()


@zoo
def buffer_of_any_shape() -> nn.Module:
    class Growing(Net):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("seen", torch.zeros(0))
            self.register_buffer("count", torch.tensor(0))

        def forward(self, x: Tensor) -> Tensor:
            if self.training:
                self.seen = torch.cat([self.seen, x.detach().mean()[None]])
                self.count += 1
            return self.features(x) + self.seen.sum() + self.count

    return Growing()


@zoo
def lazy_layers() -> nn.Module:
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(5))
    model(torch.rand(2, *SHAPE))
    return model


@zoo
def layer_made_in_forward() -> nn.Module:
    class Making(Net):
        def forward(self, x: Tensor) -> Tensor:
            if not hasattr(self, "late"):
                self.late = nn.Linear(x[0].numel(), 5)
            return self.features(x) + self.late(x.flatten(1))

    return Making()


@zoo
def float64_inside() -> nn.Module:
    class Double(Net):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x.double())

    return Double().double()


@zoo
def float64_logits() -> nn.Module:
    class Double(Net):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x).double()

    return Double()


@zoo
def scripted() -> nn.Module:
    return torch.jit.script(head(conv(), nn.BatchNorm2d(4)))


@zoo
def scripted_inside() -> nn.Module:
    return head(Normalize(), torch.jit.script(nn.Sequential(conv(), nn.BatchNorm2d(4))))


@zoo
def contiguous_only() -> nn.Module:
    class Viewing(Net):
        def forward(self, x: Tensor) -> Tensor:
            return self.norm(self.conv(x)).view(len(x), -1)[:, :5]

    return Viewing()


@zoo
def recurrent() -> nn.Module:
    class Rows(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.cell = nn.GRU(24, 5, batch_first=True)

        def forward(self, x: Tensor) -> Tensor:
            return self.cell(x.flatten(2))[0][:, -1] if x.shape[1] == 1 else self.rows(x)

        def rows(self, x: Tensor) -> Tensor:
            return self.cell(x.permute(0, 2, 1, 3).flatten(2))[0][:, -1]

    return Rows()


def made(name: str) -> nn.Module:
    torch.manual_seed(0)
    return trained(ZOO[name]())


def check(attacked: nn.Module, model: nn.Module, tolerance: float) -> None:
    """Logits, and the gradients that make the steps of an attack."""
    images = torch.rand(6, *SHAPE, generator=torch.Generator().manual_seed(1))
    labels = torch.arange(6) % 5
    settings = {"epsilon": 0.1, "step_size": 0.02, "steps": 4, "start": torch.zeros_like(images)}
    ours, theirs = (pgd(each, images, labels, **settings) for each in (attacked, model))
    # a gradient of nearly zero may change its sign with the rounding
    assert ((ours - theirs).abs() < 1e-5).float().mean() > 0.98
    modes = [module.training for module in model.modules()]
    with torch.no_grad():
        got, expected = attacked(images), model.eval()(images).float()
    for module, mode in zip(model.modules(), modes, strict=True):
        module.training = mode
    assert got.dtype == torch.float32
    torch.testing.assert_close(got, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", ZOO)
def test_attack_is_on_the_model_as_it_is(name: str) -> None:
    model = made(name)
    attacked = FrozenModel(model, SHAPE)
    check(attacked, model, 1e-5)
    for _ in range(4):  # some refreshes build anew, some do not
        model.train()(torch.rand(8, *SHAPE))
        trained(model)
        attacked.refresh()
        check(attacked, model, 1e-4)


@pytest.mark.parametrize("name", [each for each in ZOO if each != "float64_inside"])
def test_in_bfloat16_it_is_close(name: str) -> None:
    model = made(name)
    images = torch.rand(6, *SHAPE, generator=torch.Generator().manual_seed(1))
    attacked = FrozenModel(model, SHAPE, torch.bfloat16)
    for _ in range(2):
        with torch.no_grad():
            got, expected = attacked(images), copy_free_eval(model, images)
        assert got.dtype == torch.float32
        assert (got - expected).abs().max() < 0.05 * expected.abs().max()
        trained(model)
        attacked.refresh()


def copy_free_eval(model: nn.Module, images: Tensor) -> Tensor:
    model.eval()
    try:
        return model(images).float()
    finally:
        model.train()


@pytest.mark.parametrize("name", ["late_normalize", "grouped_dilated_reflecting", "float64_logits"])
def test_what_is_provably_the_same_is_folded(name: str) -> None:
    assert len(FrozenModel(made(name), SHAPE).folds) == 1


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("name", ZOO)
def test_building_and_attacking_leave_no_trace(name: str, dtype: torch.dtype) -> None:
    model = made(name).train()
    model(torch.rand(2, *SHAPE))
    state = copy.deepcopy(dict(model.state_dict()))
    modes = [module.training for module in model.modules()]
    torch.manual_seed(3), random.seed(3), np.random.seed(3)
    attacked = FrozenModel(model, SHAPE, dtype)
    attacked.refresh()
    start = torch.zeros(5, *SHAPE)
    images, labels = torch.full_like(start, 0.5), torch.arange(5)
    pgd(attacked, images, labels, epsilon=0.1, step_size=0.1, steps=1, start=start)
    drawn = torch.rand(()).item(), random.random(), np.random.rand()
    torch.manual_seed(3), random.seed(3), np.random.seed(3)
    assert drawn == (torch.rand(()).item(), random.random(), np.random.rand())
    assert [module.training for module in model.modules()] == modes
    after = model.state_dict()
    assert all(torch.equal(after[key], state[key]) for key in state)
    assert all(weight.requires_grad for weight in model.parameters())


class Drawing(Net):
    """Draws in eval mode, from each generator that a run seeds."""

    def forward(self, x: Tensor) -> Tensor:
        noise = torch.rand(()).item() + random.random() + np.random.rand()
        return self.features(x) * (1 + noise)


def test_a_model_that_draws_is_run_itself_and_draws_for_nobody_else() -> None:
    torch.manual_seed(0)
    model = Drawing()
    states = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()
    attacked = FrozenModel(model, SHAPE)
    assert attacked.network is model
    assert torch.equal(torch.get_rng_state(), states[0])
    assert random.getstate() == states[1]
    assert np.array_equal(np.random.get_state()[1], states[2])


def change_a_number(model: Any) -> None:
    model.scale = -4.0


def change_a_layer(model: Any) -> None:
    model.norm = nn.BatchNorm2d(5, eps=1.0)


def change_a_layers_number(model: Any) -> None:
    model.norm.eps = 3.0


def add_a_hook(model: Any) -> None:
    model.conv.register_forward_hook(lambda _, __, out: -out)


def add_a_norm(model: Any) -> None:
    parametrizations.weight_norm(model.conv)
    with torch.no_grad():
        model.conv.parametrizations.weight.original0.mul_(5)


def change_a_shape(model: Any) -> None:
    model.conv, model.norm = nn.Conv2d(3, 5, 5), nn.BatchNorm2d(5)


@pytest.mark.parametrize("refreshes", [0, 2])  # the next makes the copy anew, or does not
@pytest.mark.parametrize(
    "change",
    [
        change_a_number,
        change_a_layer,
        change_a_layers_number,
        add_a_hook,
        add_a_norm,
        change_a_shape,
    ],
)
def test_a_model_that_became_another_one_is_run_itself(
    change: Callable[[Any], None], refreshes: int
) -> None:
    torch.manual_seed(0)
    model = trained(Net())
    attacked = FrozenModel(model, SHAPE)
    for _ in range(refreshes):
        attacked.refresh()
    assert attacked.folds
    change(model)
    attacked.refresh()
    check(attacked, model, 1e-5)


def test_a_copy_that_differs_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the rules of folding say, logits decide."""
    from unlearnable_lightning.attacks import folded_copy

    true = folded_copy.fuse_conv_bn_weights

    def wrong(*args: Any) -> Any:
        weight, bias = true(*args)
        return weight, bias + 0.01

    monkeypatch.setattr(folded_copy, "fuse_conv_bn_weights", wrong)
    model = trained(Net())
    attacked = FrozenModel(model, SHAPE)
    assert attacked.network is model
    check(attacked, model, 1e-6)


def test_a_model_whose_logits_are_nan_is_no_other_model() -> None:
    model = trained(Net())
    nn.init.constant_(model.conv.weight, torch.nan)
    assert FrozenModel(model, SHAPE).folds
