"""Features of a network: what its last linear layer takes in."""

from typing import Any

import torch
from torch import Tensor, nn

from unlearnable_lightning.attacks.pgd import frozen
from unlearnable_lightning.errors import UnlearnableError


class Features(nn.Module):
    """A model as far as its last linear layer. Which one that is, a forward pass says: the
    `nn.Linear` that is called last, if it makes the logits. It works on a `FrozenModel` too.

    Args:
        model: images [B, C, H, W] to logits [B, K]. Left as it was found.
    """

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.training = model.training
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        """Features, float32 [B, D], of images [B, C, H, W] in [0, 1].

        Raises:
            UnlearnableError: no linear layer makes the logits.
        """
        last: list[Tensor] = []  # input and output of the layer that was called last

        def keep(layer: nn.Module, inputs: Any, output: Tensor) -> None:
            last[:] = (inputs[0], output)

        layers = (layer for layer in self.model.modules() if isinstance(layer, nn.Linear))
        hooks = [layer.register_forward_hook(keep) for layer in layers]
        try:
            logits = self.model(images)
        finally:
            for hook in hooks:
                hook.remove()
        if not last or last[1].shape != logits.shape:
            raise UnlearnableError(
                "the model has no features here: they are what its last nn.Linear takes in, and no "
                f"nn.Linear makes its logits {tuple(logits.shape)}. Give a model whose last layer "
                "is one, such as resnet18 or resnet_small."
            )
        return last[0].float()


def check_features(model: nn.Module, shape: tuple[int, ...]) -> int:
    """How many features a model has for one image; it is left as it was found.

    Args:
        model: images to logits.
        shape: of an image, C, H, W.

    Raises:
        UnlearnableError: it has none.
    """
    device = next((weight.device for weight in model.parameters()), torch.device("cpu"))
    with frozen(model), torch.no_grad():
        features: Tensor = Features(model)(torch.zeros(1, *shape, device=device))
    return features.shape[1]
