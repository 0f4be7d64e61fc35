"""What a checkpoint says of its run, and what a run that goes on from it may change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.run.own_names import own_name

_MODELS = "unlearnable_lightning.models"


@dataclass(frozen=True)
class PastRun:
    """The run behind a checkpoint.

    Attributes:
        path: of the checkpoint, for messages.
        made_by: name of the module's class, as the checkpoint has it; it is compared, never called.
        arguments: of the module.
        seed: of the run; None if the checkpoint has none.
        epochs: how many it completed; None if the checkpoint does not say.
        resumable: whether the checkpoint holds the state of an optimizer too.
    """

    path: str
    made_by: str
    arguments: dict[str, Any]
    seed: int | None
    epochs: int | None
    resumable: bool

    @classmethod
    def of(cls, checkpoint: Any, path: Any) -> "PastRun":
        """Reads plain data out of a checkpoint, whatever it holds; nothing is imported."""
        content = checkpoint if isinstance(checkpoint, dict) else {}
        hparams = content.get("hyper_parameters")
        hparams = hparams if isinstance(hparams, dict) else {}
        made_by = str(hparams.get("_class_path", "")).rpartition(".")[2]
        seed = content.get("seed")
        return cls(
            path=str(path),
            made_by=made_by if made_by.isidentifier() else "another library",
            arguments={key: hparams[key] for key in hparams if not str(key).startswith("_")},
            seed=seed if isinstance(seed, int) else None,
            epochs=_epochs(content),
            resumable="optimizer_states" in content and "lr_schedulers" in content,
        )

    def refusal(self, reason: str) -> UnlearnableError:
        """The error that says why this checkpoint is not taken."""
        return UnlearnableError(f"ckpt_path={self.path} is refused: {reason}")

    def check_class(self, module: type) -> None:
        """Refuses the checkpoint of a class that `module` neither is nor descends from."""
        if self.made_by not in {each.__name__ for each in module.__mro__}:
            raise self.refusal(
                f"it was made by {self.made_by}, the config asks for {module.__name__}. Give the "
                "config that made it, or call load_from_checkpoint of that class."
            )

    def check_fixed(self, fixed: Iterable[str], arguments: Mapping[str, Any]) -> None:
        """Refuses other values for arguments that cannot change once there are weights.

        Args:
            fixed: names of these arguments.
            arguments: of the new run, as far as they are known.
        """
        for name in fixed:
            if name not in arguments or name not in self.arguments:
                continue
            old, new = self.arguments[name], arguments[name]
            if _comparable(name, old) != _comparable(name, new):
                raise self.refusal(
                    f"it was made with {name}={old!r}, this run has {name}={new!r}, and that "
                    "cannot change for its weights or its noise. Give the data and the arguments "
                    "of the run that made it, or start a new run without it."
                )

    def check_seed(self, seed: Any) -> None:
        """Refuses a seed that the user gives and the resumed run would not draw from."""
        if type(seed) is int and self.seed is not None and seed != self.seed:
            raise self.refusal(
                f"its run draws from seed {self.seed} and goes on with it, but seed_everything is "
                f"{seed}. Leave seed_everything out, or start a new run."
            )

    def check_resumable(self) -> None:
        """Refuses to resume a run of which only weights are left."""
        if not self.resumable:
            raise self.refusal(
                "it holds weights alone, and no run to go on with. Give a checkpoints/last.ckpt; "
                "these weights are for `unlearnable test`."
            )

    def check_resume(self, max_epochs: int | None, arguments: Mapping[str, Any]) -> None:
        """Refuses to resume a run that is past its end, or at it with other arguments: nothing
        would be trained with them; and one of which only weights are left."""
        self.check_resumable()
        if self.epochs is None or max_epochs is None or max_epochs < 0:
            return
        if self.epochs > max_epochs:
            raise self.refusal(
                f"its run has completed {self.epochs} epochs, but max_epochs={max_epochs}. Give "
                f"--trainer.max_epochs above {self.epochs} to go on."
            )
        changed = self.changed(arguments)
        if self.epochs == max_epochs and changed:
            name = changed[0]
            raise self.refusal(
                f"its run has completed all {self.epochs} epochs, so nothing would be trained with "
                f"{name}={arguments[name]!r} instead of {name}={self.arguments[name]!r}. Give "
                f"--trainer.max_epochs above {self.epochs}; other attacks are for `test`."
            )

    def changed(self, arguments: Mapping[str, Any]) -> list[str]:
        """Names of the arguments that differ from those of this run."""
        both = [name for name in self.arguments if name in arguments]
        return [
            name
            for name in both
            if _comparable(name, self.arguments[name]) != _comparable(name, arguments[name])
        ]


def own_model(name: Any) -> str | None:
    """The name of a model of this package, also if it is written as an import path; else None."""
    return own_name(name, _MODELS)


def _comparable(name: str, value: Any) -> Any:
    """The same for two ways to write the same value."""
    if name == "model":
        return own_model(value) or value
    if name == "model_args":
        return value or {}
    if isinstance(value, tuple | list):
        return list(value)
    try:  # 8/255, '8/255', '8 / 255'
        return float(Fraction(value.replace(" ", ""))) if isinstance(value, str) else value
    except (ValueError, ZeroDivisionError):
        return value


def _epochs(checkpoint: dict[str, Any]) -> int | None:
    try:
        return int(checkpoint["loops"]["fit_loop"]["epoch_progress"]["current"]["processed"])
    except (KeyError, TypeError, ValueError):
        return None
