"""Weights that were trained before, from a checkpoint of this library."""

from lightning.pytorch.utilities import rank_zero_info
from torch import Tensor, nn

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.run.checkpoint_io import SafeCheckpointIO, weights_of


def load_weights(model: nn.Module, path: str, argument: str) -> None:
    """Puts the weights of a checkpoint into `model`.

    Args:
        model: changed in place.
        path: a checkpoint of a `ClassifierModule` or of a generator; opened without running code.
        argument: what the error message calls the path.

    Raises:
        UnlearnableError: no such file, no checkpoint, or weights of another network.
    """
    _put(model, weights_of("model", SafeCheckpointIO().load_checkpoint(path)), path, argument)


def load_pretrained(model: nn.Module, path: str, argument: str) -> None:
    """As `load_weights`, but the last linear layer may have had another number of classes: it then
    stays as it was drawn, and a line says so.

    Raises:
        UnlearnableError: as `load_weights`.
    """
    weights = weights_of("model", SafeCheckpointIO().load_checkpoint(path))
    head = _head(model)
    own = model.state_dict()
    other = [each for each in head if each in weights and weights[each].shape != own[each].shape]
    if other and all(weights[each].shape[1:] == own[each].shape[1:] for each in other):
        classes = len(weights[other[0]])
        rank_zero_info(
            f"{argument}={path} had {classes} classes, the data has {len(own[other[0]])}: the last "
            "layer is new."
        )
        weights |= {each: own[each] for each in head}
    _put(model, weights, path, argument)


def _head(model: nn.Module) -> list[str]:
    """Names of the weights of the last linear layer."""
    linear = [name for name, layer in model.named_modules() if isinstance(layer, nn.Linear)]
    return [name for name in model.state_dict() if linear and name.startswith(f"{linear[-1]}.")]


def _put(model: nn.Module, weights: dict[str, Tensor], path: str, argument: str) -> None:
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise UnlearnableError(
            f"{argument}={path} is refused: it holds the weights of another network than "
            f"model={type(model).__name__} ({' '.join(str(error).split())[:200]}). Give the model "
            "and model_args of the run that made it."
        ) from error
