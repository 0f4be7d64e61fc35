"""What a victim is validated on."""

from typing import Any

from torch import Tensor, nn

from unlearnable_lightning.data.module import ImageDataModule
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.run import datamodule_of
from unlearnable_lightning.training.scores import Scores

VAL_NAMES = {"clean": "val", "poisoned": "poisoned_val"}  # of `best_by` → of the logged scores


class ValidationScores(nn.Module):
    """Scores of each validation loader, by name."""

    def __init__(self) -> None:
        super().__init__()
        self.scores = nn.ModuleDict({name: Scores() for name in VAL_NAMES.values()})

    def reset(self) -> None:
        """Starts anew, for all of them."""
        for name in VAL_NAMES.values():
            self._of(name).reset()

    def update(self, trainer: Any, loader: int, logits: Tensor, labels: Tensor) -> None:
        """Takes in a batch of the loader of this number.

        Raises:
            UnlearnableError: the user's own loaders are more than one.
        """
        names = val_names(trainer)
        if loader >= len(names):
            raise UnlearnableError(
                f"validation has {loader + 1} loaders, and names for {len(names)}. Give one "
                "loader, or a data module of unlearnable_lightning with poisoned_val_size."
            )
        self._of(names[loader]).update(logits, labels)

    def pop(self, trainer: Any) -> dict[str, Tensor]:
        """The scores by their logged names, such as `val_accuracy`; then starts anew."""
        popped: dict[str, Tensor] = {}
        for name in val_names(trainer):
            popped |= self._of(name).pop(f"{name}_")
        return popped

    def _of(self, name: str) -> Scores:
        scores = self.scores[name]
        assert isinstance(scores, Scores)
        return scores


def val_names(trainer: Any) -> tuple[str, ...]:
    """The names of the validation loaders, in their order; `val` for a loader of the user's."""
    data = datamodule_of(trainer)
    return data.val_names if isinstance(data, ImageDataModule) else ("val",)
