"""The noise of all pictures at the working size, by any method of `noise/`."""

import inspect
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch import Tensor

from unlearnable_lightning import noise as room
from unlearnable_lightning.by_name import accepted, find
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise import ClosedForm, NoiseDriver
from unlearnable_lightning.protect.given import GivenImages
from unlearnable_lightning.release import Release

# 400 drawn shapes, noise at 32 pixels: a network recognises 35 of 100 after training on noise for
# each picture (these steps, 6 rounds, 20 s on a core), 56 on one pattern for each class (8 rounds
# of 5 tenths of epsilon), 84 on clean pictures
_STEPS = 5
_STEP = 0.25  # of epsilon
_AS_LOADED = "unlearnable_lightning.protect.as_loaded.as_loaded"


def find_method(name: str) -> type[Any]:
    """The class of a method: a name of `unlearnable_lightning.noise`, or an import path.

    Raises:
        UnlearnableError: nothing of that name, or no method; lists the names.
    """
    names = [each for each in room.__all__ if _is_method(getattr(room, each))]
    if "." in name:
        found: Any = find(name, "unlearnable_lightning.noise.methods", "method")
    else:
        found = getattr(room, name, None)
    if not _is_method(found):
        raise UnlearnableError(
            f"method={name!r} is no method. Give one of {', '.join(names)}, or the import path of "
            "your own."
        )
    return found  # type: ignore[no-any-return]  # a class, as _is_method says


def _is_method(found: Any) -> bool:
    kinds = (ClosedForm, NoiseDriver)
    return inspect.isclass(found) and issubclass(found, kinds) and not inspect.isabstract(found)


def build_method(
    name: str, epsilon: float, size: int, classes: int, given: dict[str, Any]
) -> ClosedForm | NoiseDriver:
    """The method, for square pictures of `size` pixels.

    Args:
        name: as for `find_method`.
        epsilon: bound of the noise, in pixels of [0, 1].
        size: side of a picture, in pixels.
        classes: K.
        given: arguments of the user's; they go before ours.

    Raises:
        UnlearnableError: no such method, arguments that it does not take, or noise that is lost
            on pictures of another size.
    """
    found = find_method(name)
    if issubclass(found, ClosedForm) and not found.scales:
        raise UnlearnableError(
            f"method={name} makes noise of single pixels, which a resize of the picture averages "
            "away, and pictures here have any size. Take NoiseGenLightningModule, GrayAug, LSP or "
            "SignClasswise."
        )
    quick = {"steps": _STEPS, "step_size": _STEP * epsilon, "stop_error": None}
    offered: dict[str, Any] = accepted(found, {"epsilon": epsilon, **quick})
    if issubclass(found, NoiseDriver):
        given = dict(given)
        network = {"network": given.pop("model", "cnn_small")}
        network["network_args"] = given.pop("model_args", None)
        offered |= {"num_classes": classes, "in_channels": 3, "image_size": size}
        offered |= {"epsilon": epsilon, "model": _AS_LOADED, "model_args": network}
    try:
        made: ClosedForm | NoiseDriver = found(**(offered | given))
    except TypeError as error:
        raise UnlearnableError(
            f"method {name} cannot be made with {given}: {error}. Change method_args."
        ) from error
    return made


def make_noise(
    method: ClosedForm | NoiseDriver, data: GivenImages, rounds: int, folder: Path
) -> Release:
    """The noise of the pictures; that of a call before, which was stopped, goes on.

    Args:
        method: as `build_method` makes it.
        data: the pictures at the working size.
        rounds: of a method by gradient.
        folder: of the run.
    """
    file, last = folder / "noise.safetensors", folder / "checkpoints" / "last.ckpt"
    if file.exists():
        release = Release.load(file)
        if release.finished:
            return release
        if not last.exists():
            file.unlink()
    trainer = L.Trainer(
        max_epochs=rounds,
        devices=1,
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=str(folder),
    )
    trainer.fit(method, data, ckpt_path=str(last) if last.exists() else None)
    return method.noise()


def levels_of(release: Release, labels: Tensor, limit: int) -> Tensor:
    """The noise of each picture, int16 [N, 3, s, s], no value beyond `limit` grey levels."""
    levels = release.difference_for(labels)
    if levels.shape[1] == 1:  # one map for all channels
        levels = levels.expand(-1, 3, -1, -1)
    return levels.to(torch.int16).clamp_(-limit, limit)
