"""A model that another module works with and does not own."""

from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class Reference:
    """Keeps a model out of the module that holds it.

    PyTorch makes a part of a module of every module that is an attribute of it: `eval`, `to`,
    `parameters` and `state_dict` would reach the model. A reference is no module.

    Attributes:
        model: what is referred to.
    """

    model: nn.Module
