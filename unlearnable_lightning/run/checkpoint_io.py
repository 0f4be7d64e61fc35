"""How checkpoints are written and opened."""

import io
import pickle
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.fabric.plugins.io.torch_io import TorchCheckpointIO
from torch import Tensor

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import replacing


def _to_cpu(storage: Any, location: str) -> Any:
    return storage


class SafeCheckpointIO(TorchCheckpointIO):
    """Local checkpoints are written whole or not at all, and opened without running code of theirs.

    Lightning writes into the system's temporary folder and then moves the file: on another disk
    that is a copy, and a run killed in it leaves half a checkpoint.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: Any, storage_options: Any | None = None
    ) -> None:
        """Writes a checkpoint, beside its place first."""
        if "://" in str(path):  # a bucket: the file system library knows better
            super().save_checkpoint(checkpoint, path, storage_options)
            return
        content = io.BytesIO()  # straight into a full disk, torch.save hides the reason
        torch.save(checkpoint, content)
        with replacing(path) as file:
            file.write(content.getbuffer())

    def load_checkpoint(
        self, path: Any, map_location: Any = _to_cpu, weights_only: bool | None = None
    ) -> dict[str, Any]:
        """The content of a checkpoint: tensors, numbers, strings and containers of them.

        Args:
            path: of the file, a URL, or an open binary file.
            map_location: as in `torch.load`.
            weights_only: False lets the file run code of its own, as `torch.load` explains.

        Raises:
            UnlearnableError: no such file, cut, no checkpoint, or one that wants to run code.
        """
        try:
            # said out loud: left to Lightning, a file behind a URL would be unpickled whole
            weights_only = weights_only is not False
            content: dict[str, Any]
            if hasattr(path, "read"):
                content = torch.load(path, map_location, weights_only=weights_only)
            else:
                content = super().load_checkpoint(path, map_location, weights_only)
            return content
        except FileNotFoundError as error:
            raise _refusal(path, "there is no such file") from error
        except pickle.UnpicklingError as error:
            reason = "it is damaged, or holds more than tensors, numbers and text"
            raise _refusal(path, reason) from error
        except OSError as error:
            raise _refusal(path, f"it cannot be read ({error.strerror or error})") from error
        except Exception as error:  # whatever the reader stumbles over in damaged bytes
            raise _refusal(path, "it is damaged, or no checkpoint") from error


def make_safe(trainer: L.Trainer) -> None:
    """Lets a Trainer write and open checkpoints by a `SafeCheckpointIO`, if the user chose none.

    To be called in `setup`. Lightning 2.6 takes such a plugin from the user alone; in its place
    the strategy holds the default, from which a plugin of the user's is told by its class.
    """
    if type(trainer.strategy.checkpoint_io) is TorchCheckpointIO:
        trainer.strategy.checkpoint_io = SafeCheckpointIO()


def read_checkpoint(trainer: L.Trainer, path: str | Path) -> dict[str, Any]:
    """The content of a checkpoint, read as this Trainer reads its own (a plugin of the user's, or
    `SafeCheckpointIO`)."""
    content: dict[str, Any] = trainer.strategy.checkpoint_io.load_checkpoint(path)  # Lightning 2.6
    return content


def _refusal(path: Any, reason: str) -> UnlearnableError:
    return UnlearnableError(
        f"ckpt_path={path} is refused: {reason}. Give the checkpoints/last.ckpt or best.ckpt of a "
        "run of this library."
    )


def weights_of(part: str, checkpoint: dict[str, Any]) -> dict[str, Tensor]:
    """The state of a submodule, by its own names."""
    prefix = f"{part}."
    state = checkpoint["state_dict"].items()
    return {key.removeprefix(prefix): value for key, value in state if key.startswith(prefix)}
