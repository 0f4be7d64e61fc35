"""What `test` found, typed: the one place that knows the format of `test.json`."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.files import replacing
from unlearnable_lightning.report.poisoning import Poisoning

KNEE = "train_accuracy_to_90"  # training accuracy that counts up to 90 %
FIXED_EPOCH = "epochs_up_to_"  # and the number of the epoch at which it stays
WEIGHTS = {
    "initial": "weights before any training; give --ckpt_path to test trained ones",
    "last": "weights of the tested checkpoint, or after the last epoch",
    "best": "weights of the epoch with the {}",  # a `Choice`
}


def fixed_epoch(number: int) -> str:
    """What an epoch of that number, from 1, is chosen by."""
    return f"{FIXED_EPOCH}{number}"


@dataclass(frozen=True)
class Choice:
    """What made one epoch the best.

    Attributes:
        monitor: the logged value, such as `val_accuracy`.
        mode: `max` or `min`, which of its values is best.
    """

    monitor: str = "val_accuracy"
    mode: str = "max"

    def __str__(self) -> str:
        """In words, as the end of "weights of the epoch with the …"."""
        if self == Choice():
            return "best clean validation accuracy (an oracle)"
        if self == Choice("poisoned_val_accuracy"):
            return "best accuracy on held-out training images (no oracle: an attacker has them)"
        if self == Choice(KNEE):
            return "first training accuracy of 90 %, else the highest (no oracle: early stopping)"
        number = self.monitor.removeprefix(FIXED_EPOCH)
        if self.mode == "max" and self.monitor != number and number.isdigit():
            return f"number {number} (no oracle: it was fixed before the training)"
        seen = "; an oracle" if self.monitor.startswith("val_") else ""
        extreme = "highest" if self.mode == "max" else "lowest"
        return f"{extreme} {self.monitor} (monitor {self.monitor}, mode {self.mode}{seen})"


def weights_words(name: str, choices: Mapping[str, Choice]) -> str:
    """What the weights of a name are, for the last lines of a table."""
    if name in ("initial", "last"):
        return WEIGHTS[name]
    return WEIGHTS["best"].format(choices.get(name) or Choice())


@dataclass(frozen=True)
class AttackResult:
    """The scores of one model under one attack.

    Attributes:
        weights: of the model, a name of `WEIGHTS`, or `best_` and a word.
        attack: on the test images; `none` leaves them clean.
        loss: mean cross-entropy; NaN if the file does not have it.
        accuracy: in [0, 1].
        error: 1 - accuracy.
    """

    weights: str
    attack: str
    accuracy: float
    error: float
    loss: float = math.nan

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> "AttackResult":
        """From a row of the file. An error that is not there is calculated.

        Raises:
            KeyError: weights, attack or accuracy are missing.
            TypeError, ValueError: a score is no number.
        """
        accuracy = float(row["accuracy"])
        error = float(row.get("error", 1 - accuracy))
        loss = float(row.get("loss", math.nan))
        return cls(str(row["weights"]), str(row["attack"]), accuracy, error, loss)


@dataclass(frozen=True)
class TestResult:
    """All that a `test.json` says.

    Attributes:
        table: a row per weights and attack.
        arguments: of the module.
        epochs: that the model had been trained for; None if the file does not say.
        device: its name; empty if the file does not say.
        versions: of the packages, by name.
        choices: what chose weights, by their name in the table: `best` and the like.
        poison_rate: share of the training images that were poisoned; None if nobody knows.
        poison_classes: names of their classes; None if all classes have some, or none has.
        noise: of the training images, in a few words; `none` for clean images; empty if nobody
            knows.
        seed: of the training; None if the file does not say.
        precision: of the arithmetic, as the Trainer calls it, such as 32-true or bf16-mixed; empty
            if the file does not say.
    """

    __test__ = False  # pytest takes every class named Test… for one of its own

    table: tuple[AttackResult, ...]
    arguments: dict[str, Any] = field(default_factory=dict)
    epochs: int | None = None
    device: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    choices: dict[str, Choice] = field(default_factory=dict)
    poison_rate: float | None = None
    poison_classes: tuple[str, ...] | None = None
    noise: str = ""
    seed: int | None = None
    precision: str = ""

    @property
    def best(self) -> Choice | None:
        """What chose the best weights; None if the table has none."""
        return self.choices.get("best")

    @property
    def poisoning(self) -> Poisoning:
        """What the model was trained on."""
        return Poisoning(self.poison_rate, self.poison_classes, self.noise)

    @property
    def victim(self) -> str:
        """The name of the network; empty if the file does not say."""
        model = self.arguments.get("model", "")
        return model.rpartition(".")[2] if isinstance(model, str) else ""

    def save(self, path: Path) -> None:
        """Writes the file, whole or not at all."""
        rows = [
            {"weights": row.weights, "attack": row.attack, **_scores(row)} for row in self.table
        ]
        text = json.dumps({**asdict(self), "table": rows, "best": self._best_as_data()}, indent=1)
        with replacing(path) as file:
            file.write(text.encode())

    def _best_as_data(self) -> dict[str, str] | None:
        """As files had it before there were several choices."""
        return None if self.best is None else asdict(self.best)

    @classmethod
    def load(cls, path: Path) -> "TestResult":
        """Reads the file.

        Raises:
            UnlearnableError: it is not what `save` writes.
        """
        try:
            found = json.loads(path.read_text())
            table = tuple(AttackResult.from_row(row) for row in found["table"])
            rest = {name: found[name] for name in cls.__dataclass_fields__ if name in found}
            choices = found.get("choices") or {}
            if found.get("best") is not None:  # all that there was before there were several
                choices = {"best": found["best"], **choices}
            rest["choices"] = {name: Choice(**each) for name, each in choices.items()}
            poisoning = Poisoning.of(rest)
            rest |= {"poison_rate": poisoning.rate, "poison_classes": poisoning.classes}
            rest |= {"noise": poisoning.noise, "arguments": dict(rest.get("arguments", {}))}
            rest |= {name: _text(rest.get(name, "")) for name in ("device", "precision")}
            rest["seed"] = None if rest.get("seed") is None else int(rest["seed"])
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise UnlearnableError(
                f"{path}: is not a table of `unlearnable test` ({type(error).__name__}: {error}). "
                "Test the model again, or take the file away."
            ) from error
        return cls(**{**rest, "table": table})


def _text(found: Any) -> str:
    if not isinstance(found, str):
        raise TypeError(f"{found!r} is no text")
    return found


def _scores(row: AttackResult) -> dict[str, float]:
    return {"loss": row.loss, "accuracy": row.accuracy, "error": row.error}
