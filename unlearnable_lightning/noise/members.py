"""Networks of one training at equal distances: an ensemble that costs one training."""

import copy
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from unlearnable_lightning.errors import UnlearnableError

Weights = dict[str, Tensor]
"""Parameters and buffers by their names, on the CPU."""


class Members:
    """The network as it was after every max_epochs / n epochs; the last epoch is one of them.

    Attributes:
        epochs: after which a network is to be kept, from 1; known once `plan` was called.
        kept: by epoch, weights and buffers.
    """

    def __init__(self) -> None:
        self.epochs: tuple[int, ...] = ()
        self.kept: dict[int, Weights] = {}

    def plan(self, count: int, max_epochs: int | None) -> None:
        """Decides after which epochs a network is kept.

        Args:
            count: n, at least 1.
            max_epochs: of the Trainer.

        Raises:
            UnlearnableError: there is no last epoch, or n does not divide it.
        """
        if max_epochs is None or max_epochs < 1:
            raise UnlearnableError(
                f"max_epochs={max_epochs} with members={count}: networks are kept every "
                "max_epochs / members epochs, so there must be a last one. Give "
                "--trainer.max_epochs."
            )
        if max_epochs % count or max_epochs < count:
            able = [each for each in range(1, max_epochs + 1) if max_epochs % each == 0]
            raise UnlearnableError(
                f"members={count} with max_epochs={max_epochs}: a network is kept every "
                f"max_epochs / members epochs, which must be a whole number. Give --model.members "
                f"one of {', '.join(map(str, able))}, or --trainer.max_epochs a multiple of "
                f"{count}."
            )
        apart = max_epochs // count
        self.epochs = tuple(range(apart, max_epochs + 1, apart))

    def keep(self, epoch: int, model: nn.Module) -> None:
        """Keeps the network as it is after `epoch` epochs."""
        self.kept[epoch] = weights_of(model)

    def before(self, epoch: int, model: nn.Module) -> Iterator[nn.Module]:
        """The members of earlier epochs, as copies of `model`, which is left as it is."""
        for each in self.epochs:
            if each < epoch:
                member = copy.deepcopy(model)
                member.zero_grad()  # a copy has gradients of its own
                member.load_state_dict(model.state_dict() | self.kept[each])
                yield member

    def check(self, done: int, model: nn.Module) -> None:
        """Refuses what a checkpoint brought, if it is not what a run of this plan would have kept;
        drops what this run does not need.

        Args:
            done: epochs that the checkpoint has behind it.
            model: the network.

        Raises:
            UnlearnableError: members are missing, or belong to another network.
        """
        needed = [each for each in self.epochs if each <= done]
        if missing := [each for each in needed if each not in self.kept]:
            has = ", ".join(map(str, sorted(self.kept))) or "no epoch"
            raise UnlearnableError(
                f"members={len(self.epochs)} with max_epochs={self.epochs[-1]} need the networks "
                f"after epoch {', '.join(map(str, missing))}, but the run so far kept those after "
                f"{has}. Give --model.members and --trainer.max_epochs as before, or begin anew."
            )
        self.kept = {each: self.kept[each] for each in needed}
        shapes = {name: value.shape for name, value in weights_of(model).items()}
        for epoch, weights in self.kept.items():
            if {name: value.shape for name, value in weights.items()} != shapes:
                raise UnlearnableError(
                    f"the checkpoint's member after epoch {epoch} is another network than the "
                    "model. Give the last.ckpt of a run with these arguments, or begin anew."
                )


def weights_of(model: nn.Module) -> Weights:
    """Copies of parameters and buffers on the CPU."""
    state = model.state_dict()
    return {
        name: value.detach().to("cpu", copy=True)
        for name, value in state.items()
        if isinstance(value, torch.Tensor)
    }
