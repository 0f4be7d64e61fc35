"""Which training images are poisoned, where not all of them are."""

from dataclasses import dataclass
from numbers import Real

import torch
from torch import Tensor

from unlearnable_lightning.data.subset import stratified
from unlearnable_lightning.errors import UnlearnableError


@dataclass(frozen=True)
class PartialPoisoning:
    """A share of the images, some classes, or a share of some classes.

    Attributes:
        rate: share of the images that are poisoned, in (0, 1]: of those that the noise changes and
            that belong to `classes`. It is drawn for each class alike. With one seed the images of
            a smaller rate are among those of a larger one.
        classes: names or numbers of the classes that are poisoned; None for all.
        seed: of the draw.

    Raises:
        UnlearnableError: a rate that is no share or 0, or an empty list of classes.
    """

    rate: float = 1.0
    classes: tuple[str | int, ...] | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        number = isinstance(self.rate, Real) and not isinstance(self.rate, bool)
        if not number or not 0 < self.rate <= 1:
            raise UnlearnableError(
                f"poison_rate={self.rate!r}: it is the share of the training images that are "
                "poisoned, above 0 and at most 1, such as 0.2. Leave data.noise out for none."
            )
        if self.classes is not None and not self.classes:
            raise UnlearnableError(
                "poison_classes=[]: no class would be poisoned. Name some, give null for all of "
                "them, or leave data.noise out."
            )

    @property
    def whole(self) -> bool:
        """Whether all images are poisoned that the noise changes."""
        return self.rate == 1 and self.classes is None

    def check_noise(self, noise: object) -> None:
        """Refuses a choice of poisoned images where there is no noise.

        Raises:
            UnlearnableError: `noise` is None.
        """
        if noise is None and not self.whole:
            given = f"poison_rate={self.rate}" if self.rate != 1 else f"poison_classes={self.names}"
            raise UnlearnableError(
                f"{given}: it says which images the noise is laid on, and there is no noise. Give "
                "data.noise, or leave it out."
            )

    @property
    def names(self) -> list[str | int]:
        """The classes as they were given."""
        return list(self.classes or ())

    def choose(
        self, labels: Tensor, class_names: tuple[str, ...], changed: Tensor | None = None
    ) -> Tensor:
        """The images that are poisoned.

        Args:
            labels: int64 [N].
            class_names: K names, in the order of the labels.
            changed: int64 [R], the images that the noise changes; None for all.

        Returns:
            bool [N].

        Raises:
            UnlearnableError: an unknown class, or no image that would be poisoned.
        """
        possible = torch.ones(len(labels), dtype=torch.bool)
        if changed is not None:
            possible = torch.zeros_like(possible).index_fill_(0, changed, True)
        if self.classes is not None:
            numbers = torch.tensor([_number(each, class_names) for each in self.classes])
            possible &= torch.isin(labels, numbers)
        rows = possible.nonzero().flatten()
        count = round(self.rate * len(rows))
        if count == 0:
            raise UnlearnableError(
                f"poison_rate={self.rate} poisons none of {len(rows)} images that the noise "
                "changes in these classes. Give a larger share, or other poison_classes."
            )
        poisoned = torch.zeros(len(labels), dtype=torch.bool)
        poisoned[rows[stratified(labels[rows], count, self.seed)]] = True
        return poisoned


def _number(given: str | int, class_names: tuple[str, ...]) -> int:
    """The label of a class that is given by its name or by the label itself."""
    if isinstance(given, str) and given in class_names:
        return class_names.index(given)
    number = int(given) if str(given).isdigit() and not isinstance(given, bool) else -1
    if not 0 <= number < len(class_names):
        listed = ", ".join(class_names[:20]) + (", …" if len(class_names) > 20 else "")
        raise UnlearnableError(
            f"poison_classes has {given!r}; the classes are {listed}. Give their names, or "
            f"numbers from 0 to {len(class_names) - 1}."
        )
    return number
