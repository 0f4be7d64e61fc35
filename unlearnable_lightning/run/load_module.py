"""`load_from_checkpoint` of a module, for files of whatever origin."""

from pathlib import Path
from typing import Any, TypeVar

import lightning as L
import torch
import yaml
from lightning.pytorch.core.saving import load_hparams_from_tags_csv
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.run.checkpoint_io import SafeCheckpointIO
from unlearnable_lightning.run.past_run import PastRun
from unlearnable_lightning.run.trust import arguments_to_take

Module = TypeVar("Module", bound=L.LightningModule)


def load_module(
    module: type[Module],
    path: Any,
    /,
    map_location: Any = None,
    hparams_file: Any = None,
    strict: bool | None = None,
    weights_only: bool | None = None,
    **given: Any,
) -> Module:
    """Builds `module` with the arguments that are given and, for the others, those of the file.

    Args:
        module: the class; the one that a checkpoint names is never called.
        path: of the checkpoint, a URL, or an open binary file.
        map_location: as in `torch.load`; None leaves tensors on the device that they were on, if
            there is one.
        hparams_file: `.yaml` or `.csv` with arguments in place of the checkpoint's. It is trusted
            as little as the checkpoint that it lies beside.
        strict: whether the weights must be all that the module has; None asks the module.
        weights_only: False lets the checkpoint run code.
        given: arguments of the user.

    Raises:
        UnlearnableError: made by another class, with arguments that the weights do not allow or
            that name code (see `trust`), or weights that do not fit.
    """
    checkpoint = SafeCheckpointIO().load_checkpoint(
        path, map_location or _where_it_was, weights_only
    )
    past = PastRun.of(checkpoint, path)
    past.check_class(module)
    if hparams_file is not None:
        past = PastRun.of({"hyper_parameters": _hparams(hparams_file)}, hparams_file)
    past.check_fixed(module.fixed, given)  # type: ignore[attr-defined]  # of ImageModule
    built = module(**arguments_to_take(past, module, given) | given)
    built.on_load_checkpoint(checkpoint)
    state: Any = checkpoint.get("state_dict")
    strict = built.strict_loading if strict is None else strict
    try:
        built.load_state_dict(state, strict=strict)
    except (RuntimeError, TypeError) as error:
        raise past.refusal(f"its weights are not those of its arguments: {error}") from error
    first = next((each for each in state.values() if isinstance(each, Tensor)), torch.zeros(()))
    return built.to(first.device)


def _where_it_was(storage: Any, location: str) -> Any:
    device = torch.device(location)
    there = device.type == "cpu" or getattr(torch, device.type).is_available()
    return None if there else storage


def _hparams(path: Any) -> dict[str, Any]:
    if not Path(path).is_file():
        raise UnlearnableError(f"hparams_file={path}: there is no such file.")
    if Path(path).suffix == ".csv":
        return load_hparams_from_tags_csv(path)
    try:
        arguments: dict[str, Any] = _PlainLoader(Path(path).read_text("utf-8")).get_data()
        return arguments
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnlearnableError(
            f"hparams_file={path} is refused: it holds more than numbers and text, or is no YAML "
            f"({error}). Give the hparams.yaml of a run."
        ) from error


class _PlainLoader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """YAML of numbers, text and containers, as `hparams.yaml` has them; tuples are among them."""


_PlainLoader.add_constructor(
    "tag:yaml.org,2002:python/tuple", lambda loader, node: tuple(loader.construct_sequence(node))
)
