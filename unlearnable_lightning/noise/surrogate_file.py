"""A surrogate that was trained before."""

from torch import nn

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.run.checkpoint_io import SafeCheckpointIO, weights_of


def load_surrogate(model: nn.Module, path: str) -> None:
    """Puts the weights of a checkpoint of this library into `model`.

    Args:
        model: of the generator, changed in place.
        path: a checkpoint of a `ClassifierModule` or of a generator; opened without running code.

    Raises:
        UnlearnableError: no such file, no checkpoint, or weights of another network.
    """
    weights = weights_of("model", SafeCheckpointIO().load_checkpoint(path))
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise UnlearnableError(
            f"surrogate={path} is refused: it holds the weights of another network than "
            f"model={type(model).__name__} ({' '.join(str(error).split())[:200]}). Give the model "
            "and model_args of the run that made it."
        ) from error
