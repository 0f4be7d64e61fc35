"""Whether a model fits the data, found out before anything long begins."""

import traceback
from pathlib import Path

import torch
from torch import Tensor, nn

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.models.trial import untouched

Shape = tuple[int, int, int]


@torch.no_grad()
def check_model(name: str, model: nn.Module, image: Shape, classes: int) -> None:
    """Runs the model in eval mode, which `test` and attacks use, and in train mode.

    Leaves it in train mode, with the buffers and the randomness that were there before the run in
    train mode. The run in eval mode comes first and may draw: it makes the layers of a lazy model.

    Args:
        name: what an error message calls the model.
        model: takes float [B, C, H, W] in [0, 1].
        image: C, H, W.
        classes: K.

    Raises:
        UnlearnableError: it does not take such images, or does not give logits [B, K].
    """
    _check_logits(name, "eval", _run(name, model.eval(), torch.zeros(1, *image)), 1, classes)
    with untouched(model):
        # two images: BatchNorm cannot train on one value per channel
        logits = _run(name, model.train(), torch.zeros(2, *image))
    _check_logits(name, "train", logits, 2, classes)


@torch.no_grad()
def channels_last(model: nn.Module, image: Shape) -> nn.Module:
    """The model in channels-last layout, in which convolutions are fastest.

    A forward that asks for contiguous activations (`x.view(len(x), -1)` after a convolution) fails
    in that layout; such a model stays contiguous.
    """
    model.to(memory_format=torch.channels_last)
    try:
        with untouched(model):
            model(torch.zeros(2, *image))
    except Exception:  # of whatever kind: it runs contiguous, as `check_model` saw
        model.to(memory_format=torch.contiguous_format)
    return model


def _run(name: str, model: nn.Module, images: Tensor) -> object:
    try:
        return model(images)
    except Exception as error:  # torch._assert raises AssertionError, foreign code anything
        mode = "train" if model.training else "eval"
        raise UnlearnableError(
            f"model={name!r} does not take images of shape {tuple(images.shape[1:])}: in {mode} "
            f"mode it raises {type(error).__name__}: {error} ({_place(error)}). Choose a model for "
            "such images, or give its arguments in model_args (vision transformers of torchvision "
            "take {image_size: 32})."
        ) from error


def _check_logits(name: str, mode: str, logits: object, count: int, classes: int) -> None:
    if not isinstance(logits, Tensor):
        raise UnlearnableError(
            f"model={name!r} gives {type(logits).__name__} in {mode} mode; it must give one tensor "
            "of logits. If these are auxiliary outputs (googlenet and inception_v3 of torchvision "
            "have them), switch them off with model_args: {aux_logits: false}."
        )
    if tuple(logits.shape) != (count, classes):
        images = "one image" if count == 1 else f"{count} images"
        raise UnlearnableError(
            f"model={name!r} gives outputs of shape {tuple(logits.shape)} for {images}; the data "
            f"has {classes} classes, so it must be {(count, classes)}. Set its class count in "
            "model_args."
        )
    if not logits.is_floating_point():
        raise UnlearnableError(
            f"model={name!r} gives {logits.dtype}; logits must be floats. Leave out its argmax."
        )


def _place(error: Exception) -> str:
    """File and line of the last call outside torch: where to look in a model of one's own."""
    library = str(Path(torch.__file__).parent)
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(library)]
    return f"{Path(own[-1].filename).name}, line {own[-1].lineno}"
