"""Coefficients of autoregressive noise: those that we ship, or another file of the search."""

import json
from importlib.resources import files
from pathlib import Path

import torch
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError

_SHIPPED = (10, 100)  # classes; with more of them they are closer to each other
# 10: seed 1 of the search. Rounded and clipped on 10 000 images of CIFAR-10, the wrong filters
# answer by 0.73 more than the right one at least; with seed 0 by 0.01, with seed 6 by 0.92
SEARCH = "python -m unlearnable_lightning.noise.methods.ar_search"


def coefficients_for(classes: int, path: str | None = None) -> Tensor:
    """Coefficients for so many classes at least.

    Args:
        classes: how many are needed.
        path: a file that the search wrote; null takes the smallest of ours that is enough.

    Returns:
        float64 [K, 3, 3, 3], K >= classes: class, channel, row, column.

    Raises:
        UnlearnableError: there are not so many; not such a file; numbers that are not finite, or
            of a channel that do not add up to 1.
    """
    if path is None:
        enough = [count for count in _SHIPPED if count >= classes] or _SHIPPED[-1:]
        text = files(__package__).joinpath(f"ar_coefficients_{enough[0]}.json").read_text()
        found = torch.tensor(json.loads(text)["coefficients"], dtype=torch.float64)
    else:
        found = _read(Path(path))
    if len(found) < classes:
        raise UnlearnableError(
            f"{classes} classes, but {path or 'the package'} has coefficients for {len(found)}. "
            f"Search for more with `{SEARCH} --classes {classes} --distance 3 > FILE` and give "
            "that file as `coefficients`; the lower the distance the sooner it ends."
        )
    return found


def _read(path: Path) -> Tensor:
    try:
        values = json.loads(path.read_text())["coefficients"]
        found = torch.tensor(values, dtype=torch.float64).reshape(-1, 3, 3, 3)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise UnlearnableError(
            f"coefficients={path} cannot be read ({error}). It must be what `{SEARCH} > FILE` "
            "wrote."
        ) from error
    sums = found.sum((2, 3))
    if not torch.allclose(sums, torch.ones_like(sums)) or bool(found[:, :, 2, 2].any()):
        raise UnlearnableError(
            f"coefficients={path}: those of a channel must be finite, add up to 1 and have 0 at "
            f"the lower right. Search again with `{SEARCH} > FILE`."
        )
    return found
