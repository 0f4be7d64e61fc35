"""The defences of one training, in their order."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from unlearnable_lightning.by_name import Spec, build
from unlearnable_lightning.defences import AdversarialTraining, Defence, Victim
from unlearnable_lightning.errors import UnlearnableError

ROOM = "unlearnable_lightning.defences"


class DefenceList:
    """Several defences as one.

    Args:
        defences: in the order of application.

    Attributes:
        changes_dataset: whether one of them makes other training images.

    Raises:
        UnlearnableError: more than one has a loss of its own.
    """

    def __init__(self, defences: Sequence[Defence]) -> None:
        self.defences = list(defences)
        losses = [each for each in defences if _overrides(each, Defence.loss)]
        if len(losses) > 1:
            names = " and ".join(type(each).__name__ for each in losses)
            raise UnlearnableError(
                f"defences: {names} each have a loss of their own, and a training minimises one. "
                "Keep one of them; attack=… is AdversarialTraining."
            )
        self._loss = (losses or [Defence()])[0].loss
        of_dataset = (Defence.leak, Defence.on_dataset)
        self.changes_dataset = any(
            _overrides(each, hook) for each in defences for hook in of_dataset
        )

    def __len__(self) -> int:
        return len(self.defences)

    def leak(self, clean: Tensor, labels: Tensor) -> Tensor | None:
        """As in `Defence`: the rows that all of them train on; None for all rows.

        Raises:
            UnlearnableError: none is left.
        """
        kept = torch.ones(len(labels), dtype=torch.bool)
        for defence in self.defences:
            rows = defence.leak(clean, labels)
            if rows is not None:
                kept &= torch.zeros_like(kept).index_fill_(0, rows, True)
        if not kept.any():
            raise UnlearnableError(
                "defences: together they leave no image to train on. Let fewer images leak."
            )
        return None if kept.all() else kept.nonzero().flatten()

    def on_dataset(self, images: Tensor, labels: Tensor) -> Tensor:
        """As in `Defence`: each has the images of the one before."""
        for defence in self.defences:
            images = defence.on_dataset(images, labels)
        return images

    def on_batch(self, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """As in `Defence`: each has the batch of the one before.

        Raises:
            UnlearnableError: one gives another shape.
        """
        shapes = images.shape, targets.shape
        for defence in self.defences:
            images, targets = defence.on_batch(images, targets)
            if (images.shape, targets.shape) != shapes:
                raise UnlearnableError(
                    f"{type(defence).__name__}.on_batch gives images {tuple(images.shape)} and "
                    f"targets {tuple(targets.shape)} for {tuple(shapes[0])} and "
                    f"{tuple(shapes[1])}; shapes must stay. Correct the defence."
                )
        return images, targets

    def loss(self, victim: Victim, images: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """That of the one defence that has its own, or cross-entropy."""
        return self._loss(victim, images, targets)

    def on_epoch_end(self, victim: Victim) -> dict[str, float]:
        """As in `Defence`: what all of them log."""
        logged: dict[str, float] = {}
        for defence in self.defences:
            logged |= defence.on_epoch_end(victim)
        return logged


def build_defences(
    specs: Sequence[Spec] | None, attack: Spec | None, **settings: Any
) -> DefenceList:
    """The defences that a YAML names, and adversarial training after them, if there is an attack.

    Args:
        specs: names, or {class_path, init_args}.
        attack: as for `AdversarialTraining`, or None.
        settings: of it.

    Raises:
        UnlearnableError: no list, no such defence, arguments that it does not take, or two losses.
    """
    if specs is not None and not isinstance(specs, (list, tuple)):
        raise UnlearnableError(
            f"defences={specs!r}: give a list, such as [Mixup], or null for none."
        )
    defences = [build(spec, ROOM, "defences", Defence) for spec in specs or ()]
    if attack is not None:
        defences.append(AdversarialTraining(attack, **settings))
    return DefenceList(defences)


def _overrides(defence: Defence, hook: Callable[..., object]) -> bool:
    return getattr(type(defence), hook.__name__) is not hook
