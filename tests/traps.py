"""What a stranger puts into a file: names of code that leaves a trace when it is imported."""

import sys
from pathlib import Path
from typing import Any

import pytest

SOURCE = """
from pathlib import Path
from unlearnable_lightning import ClassifierModule, NPZDataModule
from unlearnable_lightning.models import cnn_small

Path(__file__).with_name("executed").touch()

class Net(ClassifierModule):
    pass

class Data(NPZDataModule):
    pass
"""


class Trap:
    """A module `trap` that can be imported, and shows if it was."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.trace = folder / "executed"
        (folder / "trap.py").write_text(SOURCE)
        monkeypatch.syspath_prepend(folder)
        monkeypatch.delitem(sys.modules, "trap", raising=False)

    @property
    def sprung(self) -> bool:
        return self.trace.exists() or "trap" in sys.modules

    def reset(self) -> None:
        """As if nothing had been imported yet."""
        self.trace.unlink()
        del sys.modules["trap"]


def names_in(trace: Path) -> dict[str, dict[str, Any]]:
    """Places in the arguments of a checkpoint that can hold a name → these arguments. Those that
    are called make the file `trace`."""
    spec = {"class_path": "trap.Net", "init_args": {}}
    command = {"command": f"touch {trace}"}
    return {
        "model": {"model": "trap.cnn_small"},
        "a function of the system": {"model": "os.system", "model_args": command},
        "a name of this package that is no model": {
            "model": "build_model",
            "model_args": {"name": "os.system", "model_args": command},
        },
        "a path into this package": {
            "model": "unlearnable_lightning.models.build_model",
            "model_args": {"name": "trap.cnn_small"},
        },
        "model as a class": {"model": spec},
        "model_args that are a class": {"model_args": spec},
        "a class in model_args": {"model_args": {"norm": spec}},
        "a class in a list": {"model_args": {"layers": [1, [spec]]}},
        "text in model_args": {"model_args": {"norm": "trap.Net"}},
        "lr as a class": {"lr": spec},
        "attacks as classes": {"test_attacks": [spec]},
        "attacks as text": {"test_attacks": ["pgd", "trap.Net"]},
        "attacks of this package that are none": {"test_attacks": ["frozen"]},
        "attacks in a list of lists": {"test_attacks": [["trap.Net"]]},
        "text in the arguments of an attack": {
            "test_attacks": [{"class_path": "pgd", "init_args": {"start": "trap.Net"}}]
        },
        "a class in the arguments of an attack": {
            "test_attacks": [{"class_path": "pgd", "init_args": {"start": spec}}]
        },
        "more than arguments of an attack": {"attack": {"class_path": "pgd", "call": "trap.Net"}},
        "an attack in training": {"attack": "trap.Net"},
        "an attack in training as a class": {"attack": spec},
        "a function of the system as attack": {
            "attack": {"class_path": "os.system", "init_args": command}
        },
        "a defence": {"defences": ["trap.Net"]},
        "a defence as a class": {"defences": [spec]},
        "a defence that is no list": {"defences": "trap.Net"},
        "a defence of this package that is none": {"defences": ["Victim"]},
        "a path into the defences": {"defences": ["unlearnable_lightning.defences.mixup.Beta"]},
        "an attack in a defence": {
            "defences": [{"class_path": "AdversarialTraining", "init_args": {"attack": "trap.Net"}}]
        },
        "a view": {"views": ["trap.Net"]},
        "a view as a class": {"views": [spec]},
        "a surrogate from elsewhere": {"surrogate": str(trace)},
        "an argument of no module": {"optimizer": spec},
        "text as an argument of no module": {"optimizer": "trap.Net"},
        "another class of the same name": {"_class_path": "trap.ClassifierModule", "model": spec},
        "an instantiator": {"_instantiator": "trap.Net", "model": "trap.cnn_small"},
    }


def checkpoint_with(**arguments: Any) -> dict[str, Any]:
    """The content of a checkpoint with these arguments of a classifier, as in the report."""
    hparams = {
        "_class_path": "unlearnable_lightning.ClassifierModule",
        "_instantiator": "lightning.pytorch.cli.instantiate_module",
        "model": "cnn_small",
    }
    return {
        "state_dict": {},
        "pytorch-lightning_version": "2.6.4",
        "hyper_parameters": hparams | arguments,
    }
