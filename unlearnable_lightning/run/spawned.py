"""What comes back from spawned ranks: the object stays in its process, so the path of its file.

Lightning sends nothing back but the module's state dict; the path travels in it as bytes.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

_KEY = "noise_file"


def send_path(module: nn.Module, path: Path) -> None:
    """Called in a spawned process when all is written: nothing but the way back reads the state
    dict after that."""
    content = torch.tensor(list(str(path.resolve()).encode()), dtype=torch.uint8)

    def add(module: nn.Module, state: dict[str, Any], prefix: str, metadata: Any) -> None:
        state[_KEY] = content

    module.register_state_dict_post_hook(add)


def received_path(state: Mapping[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The state dict without the path, and the path, if one was sent."""
    weights = {key: value for key, value in state.items() if key != _KEY}
    return weights, bytes(state[_KEY].tolist()).decode() if _KEY in state else None
