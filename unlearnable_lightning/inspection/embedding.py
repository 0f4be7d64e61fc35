"""t-SNE of a noise. scikit-learn is the only thing here that this library does not need anyway."""

from importlib.util import find_spec
from typing import Any

import torch
from torch import Tensor

from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.errors import UnlearnableError

LEAST = 10  # points: of fewer no neighbourhood can be drawn
_PERPLEXITY = 30.0


def check_embedding(count: int) -> None:
    """Refuses what `embedding` could not do, before anything long begins.

    Raises:
        UnlearnableError: too few points, or scikit-learn is not installed.
    """
    whole_number("tsne", count, LEAST, f"t-SNE places {LEAST} images at least")
    if find_spec("sklearn") is None:
        raise UnlearnableError(
            f"tsne={count}: t-SNE is scikit-learn's, which is not installed. Install it with pip "
            "install 'unlearnable-lightning[inspect]', or leave tsne out; principal components "
            "are drawn without it."
        )


def embedding(points: Tensor, seed: int = 0) -> Tensor:
    """Places of points that are near each other, on a plane.

    Args:
        points: float [N, D], at least 10: principal components of the noise.
        seed: of the descent; the axes are those of the components.

    Returns:
        float32 [N, 2].
    """
    from sklearn.manifold import TSNE  # half a second, which help and other commands do not need

    perplexity = min(_PERPLEXITY, (len(points) - 1) / 3)
    tsne: Any = TSNE(perplexity=perplexity, init="pca", random_state=seed % 2**32)
    return torch.from_numpy(tsne.fit_transform(points.numpy()))
