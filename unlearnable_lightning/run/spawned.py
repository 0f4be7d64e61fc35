"""What comes back from spawned ranks: the object stays in its process, so the path of its file.

Lightning 2.6 sends nothing back but the module's state dict; the path travels in it as bytes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.strategies.launchers import _MultiProcessingLauncher
from torch import nn

_KEY = "noise_file"


def send_path(trainer: L.Trainer, module: nn.Module, path: Path) -> None:
    """Sends `path` back, if the Trainer spawned this process; called when all is written: nothing
    but the way back reads the state dict after that."""
    # Lightning 2.6 has no public name for a launcher whose processes end with `fit`
    if not isinstance(trainer.strategy.launcher, _MultiProcessingLauncher):
        return
    content = torch.tensor(list(str(path.resolve()).encode()), dtype=torch.uint8)

    def add(module: nn.Module, state: dict[str, Any], prefix: str, metadata: Any) -> None:
        state[_KEY] = content

    module.register_state_dict_post_hook(add)


def received_path(state: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The state dict without the path, and the path, if one was sent."""
    weights = {key: value for key, value in state.items() if key != _KEY}
    return weights, bytes(state[_KEY].tolist()).decode() if _KEY in state else None
