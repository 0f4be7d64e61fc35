"""What the training images were poisoned with, and how many of them, as a report says it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Poisoning:
    """What a model was trained on.

    Attributes:
        rate: share of the training images that noise was laid on, in [0, 1]; None if nobody knows.
        classes: names of the classes of these images; None if all classes have some, or none has.
        noise: the noise in a few words, `none` for clean images; empty if nobody knows.
    """

    rate: float | None = None
    classes: tuple[str, ...] | None = None
    noise: str = ""

    @classmethod
    def of(cls, record: Any) -> "Poisoning":
        """From what a checkpoint says of its training images, or a `test.json` of the checkpoint.
        What is no share and no list of names is left out: a file may come from a stranger."""
        found = record if isinstance(record, dict) else {}
        rate, classes = found.get("poison_rate"), found.get("poison_classes")
        noise = found.get("noise", "") if _is_name(found.get("noise", "")) else ""
        if not isinstance(rate, int | float) or isinstance(rate, bool) or not 0 <= rate <= 1:
            return cls(noise=noise)
        if not isinstance(classes, list | tuple) or not all(map(_is_name, classes)):
            return cls(float(rate), noise=noise)
        return cls(float(rate), tuple(classes), noise)

    def __str__(self) -> str:
        """A sentence, where there is more to say than that all images were poisoned or none."""
        if self.rate is None or self.rate in (0, 1):
            return ""
        of = f" (of {', '.join(self.classes)})" if self.classes else ""
        return f"{100 * self.rate:.4g} % of the training images were poisoned{of}"


def _is_name(name: Any) -> bool:
    return isinstance(name, str) and name.isprintable() and "|" not in name
