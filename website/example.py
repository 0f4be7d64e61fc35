"""An example in Python, from the YAML."""

from pathlib import Path
from typing import Any

import yaml

from website.entries import Entry


def example(entry: Entry, configs: list[Path]) -> str:
    """Python that does what the first config does."""
    config = yaml.safe_load(configs[0].read_text("utf-8")) if configs else {}
    if entry.room.folder == "noises":
        return _noise(entry, config)
    given = _arguments_in(config, entry.name)
    return _defence(entry, given) if entry.room.folder == "defences" else _augment(entry, given)


def _noise(entry: Entry, config: dict[str, Any]) -> str:
    model, data = config["model"].get("init_args", {}), config["data"]
    data_class, images = data["class_path"], _call(data.get("init_args", {}))
    return f"""import lightning as L
from unlearnable_lightning import {data_class}
from unlearnable_lightning.noise import {entry.name}

method = {entry.name}({_call(model)})
trainer = L.Trainer(max_epochs={config["trainer"]["max_epochs"]})
trainer.fit(method, {data_class}({images}))
print(f"{{trainer.log_dir}}/noise.safetensors")"""


def _defence(entry: Entry, given: dict[str, Any]) -> str:
    spec = repr({"class_path": entry.name, "init_args": given}) if given else repr(entry.name)
    return f"""import lightning as L
from unlearnable_lightning import CIFAR10DataModule, ClassifierModule

victim = ClassifierModule(model="resnet18", defences=[{spec}])
trainer = L.Trainer(max_epochs=60)
trainer.fit(victim, CIFAR10DataModule(noise="noise.safetensors"))
trainer.test(victim, CIFAR10DataModule())"""


def _augment(entry: Entry, given: dict[str, Any]) -> str:
    return f"""import torch
from unlearnable_lightning import CIFAR10DataModule
from unlearnable_lightning.augment import {entry.name}

augmentation = {entry.name}({_call(given)})
view = augmentation(torch.rand(8, 3, 32, 32))
data = CIFAR10DataModule(noise="noise.safetensors", augment=[augmentation])"""


def _call(arguments: dict[str, Any]) -> str:
    """The arguments of a call; many of them a line each."""
    given = [f"{name}={value!r}" for name, value in arguments.items()]
    line = ", ".join(given)
    return line if len(line) < 60 else "\n    " + ",\n    ".join(given) + ",\n"


def _arguments_in(value: Any, name: str) -> dict[str, Any]:
    """The `init_args` beside the first `class_path` of that name."""
    if isinstance(value, dict):
        if str(value.get("class_path", "")).rpartition(".")[2] == name:
            found: dict[str, Any] = value.get("init_args", {})
            return found
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            if found := _arguments_in(each, name):
                return found
    return {}
