"""Models of others: what does not fit is refused when it is built, what fits is left as it was."""

import random
from collections import namedtuple
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.models import build_model

DATA = {"num_classes": 10, "in_channels": 3, "image_size": 32}
Outputs = namedtuple("Outputs", "logits aux")


class Net(nn.Module):
    """Logits in eval mode, `train_output` of them in train mode."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3, momentum=None)
        self.drop, self.linear = nn.Dropout(), nn.Linear(3, 10)
        self.register_buffer("seen", torch.zeros(2))
        self.register_buffer("same", torch.zeros(1).expand(4))

    def forward(self, x: Tensor) -> Any:
        logits = self.linear(self.drop(self.norm(x.mean((2, 3)))))
        return self.train_output(logits) if self.training else logits

    def train_output(self, logits: Tensor) -> Any:
        self.seen = torch.cat([self.seen, logits[0]])
        random.random(), np.random.rand()
        return logits


class NamedTuple(Net):
    def train_output(self, logits: Tensor) -> Any:
        return Outputs(logits, None)


class Dict(Net):
    def train_output(self, logits: Tensor) -> Any:
        return {"logits": logits}


class Wider(Net):
    def train_output(self, logits: Tensor) -> Any:
        return logits.repeat(1, 2)


class Failing(Net):
    def train_output(self, logits: Tensor) -> Any:
        raise KeyError("as ordered")


class Deciding(Net):
    def forward(self, x: Tensor) -> Any:
        return super().forward(x).argmax(1)[:, None].expand(-1, 10)


class Viewing(nn.Module):
    """As many tutorials write it; in channels-last layout `view` raises."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.linear = nn.Conv2d(3, 4, 3), nn.Linear(4 * 30 * 30, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(self.conv(x).view(-1, 4 * 30 * 30))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (NamedTuple, "gives Outputs in train mode.*aux_logits: false"),
        (Dict, "gives dict in train mode"),
        (Wider, r"shape \(2, 20\) for 2 images; the data has 10"),
        (Failing, r"in train mode it raises KeyError: 'as ordered' \(test_check\.py, line \d+\)"),
        (Deciding, "gives torch.int64; logits must be floats"),
    ],
)
def test_a_model_that_gives_no_logits_in_one_mode_is_refused(
    kind: type[nn.Module], message: str
) -> None:
    with pytest.raises(UnlearnableError, match=f"model='{__name__}.{kind.__name__}'.*{message}"):
        build_model(f"{__name__}.{kind.__name__}", **DATA)


@pytest.mark.filterwarnings("ignore:The default weight initialization")
def test_auxiliary_outputs_of_torchvision_are_refused_with_the_way_out() -> None:
    with pytest.raises(UnlearnableError, match=r"GoogLeNetOutputs.*aux_logits: false"):
        build_model("torchvision.models.googlenet", **DATA, model_args={"init_weights": False})
    arguments = {"aux_logits": False, "init_weights": False}
    build_model("torchvision.models.googlenet", **DATA, model_args=arguments)


def test_a_vision_transformer_of_another_size_is_refused_with_the_way_out() -> None:
    small = {"patch_size": 16, "num_layers": 1, "num_heads": 1, "hidden_dim": 8, "mlp_dim": 8}
    name = "torchvision.models.VisionTransformer"
    with pytest.raises(UnlearnableError, match=r"Wrong image height.*\{image_size: 32\}"):
        build_model(name, **DATA, model_args=small | {"image_size": 224})
    build_model(name, **DATA, model_args=small | {"image_size": 32})


def test_the_run_in_train_mode_leaves_no_trace() -> None:
    torch.manual_seed(0), random.seed(0), np.random.seed(0)
    Net()
    expected = torch.rand(()), random.random(), np.random.rand()
    torch.manual_seed(0), random.seed(0), np.random.seed(0)
    model: Any = build_model(f"{__name__}.Net", **DATA)[1]
    assert (torch.rand(()), random.random(), np.random.rand()) == expected
    assert all(module.training for module in model.modules())
    assert model.norm.num_batches_tracked == 0
    assert not model.norm.running_mean.any()
    assert model.seen.tolist() == [0, 0]


def test_a_model_that_needs_contiguous_activations_can_train() -> None:
    model = build_model(f"{__name__}.Viewing", **DATA)
    assert model.train()(torch.rand(4, 3, 32, 32)).shape == (4, 10)
