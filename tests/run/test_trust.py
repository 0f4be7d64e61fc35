"""A checkpoint chooses nothing that is called: `load_from_checkpoint`, of modules and data."""

import dataclasses
import inspect
import io
from importlib import import_module
from pathlib import Path
from typing import Any

import lightning as L
import pytest
import torch
import yaml
from torch import nn
from traps import Trap, checkpoint_with, names_in

from unlearnable_lightning import (
    ClassifierModule,
    NoiseGenLightningModule,
    NPZDataModule,
    Release,
    ShapesDataModule,
    UnlearnableError,
    attacks,
)
from unlearnable_lightning.attacks.by_name import build_attack
from unlearnable_lightning.defences import Defence
from unlearnable_lightning.training.module import ImageModule

PLACES = list(names_in(Path()))
MODULES = pytest.mark.parametrize("module", [ClassifierModule, NoiseGenLightningModule])


class Tuned(ClassifierModule):
    """A victim of the user's, with arguments that take code and one that takes text."""

    def __init__(
        self,
        criterion: type[nn.Module] | str = nn.CrossEntropyLoss,
        layers: Any = None,
        mode: str = "plain",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.mode = mode


def small(module: type[ImageModule], **arguments: Any) -> dict[str, Any]:
    """A whole checkpoint of this module, untrained."""
    built = module(model="cnn_small")
    content: dict[str, Any] = checkpoint_with(**arguments) | {"state_dict": built.state_dict()}
    content["hyper_parameters"]["_class_path"] = f"{module.__module__}.{module.__name__}"
    state = {"rounds": 0, "error": None, "source_sha256": None, "delta": None}
    return content | {"seed": 1, "noise": state}


@MODULES
@pytest.mark.parametrize("place", PLACES)
def test_a_name_in_a_checkpoint_is_refused_before_it_is_imported(
    place: str, module: type[ImageModule], trap: Trap, tmp_path: Path
) -> None:
    content = small(module)
    content["hyper_parameters"] |= names_in(trap.trace)[place]
    torch.save(content, tmp_path / "e.ckpt")
    with pytest.raises(UnlearnableError, match="is refused"):
        module.load_from_checkpoint(tmp_path / "e.ckpt", weights_only=True)
    assert not trap.sprung


@pytest.mark.parametrize("suffix", ["yaml", "csv"])
@pytest.mark.parametrize("place", PLACES)
def test_a_name_in_a_file_of_arguments_is_refused_too(
    place: str, suffix: str, trap: Trap, tmp_path: Path
) -> None:
    torch.save(small(ClassifierModule), tmp_path / "e.ckpt")
    arguments, file = names_in(trap.trace)[place], tmp_path / f"hparams.{suffix}"
    if suffix == "yaml":
        file.write_text(yaml.safe_dump(arguments))
    else:
        file.write_text("key,value\n" + "".join(f'{k},"{v}"\n' for k, v in arguments.items()))
    if place == "an instantiator":  # never read; the model beside it is
        arguments.pop("_instantiator")
    with pytest.raises(UnlearnableError, match="is refused"):
        ClassifierModule.load_from_checkpoint(tmp_path / "e.ckpt", hparams_file=file)
    assert not trap.sprung


@pytest.mark.parametrize("tag", ["name:trap.Net", "object/apply:trap.Net", "object:trap.Net"])
def test_a_file_of_arguments_makes_no_objects(tag: str, trap: Trap, tmp_path: Path) -> None:
    torch.save(small(ClassifierModule), tmp_path / "e.ckpt")
    (tmp_path / "hparams.yaml").write_text(f"model: !!python/{tag} []\n")
    with pytest.raises(UnlearnableError, match="more than numbers and text"):
        ClassifierModule.load_from_checkpoint(
            tmp_path / "e.ckpt", hparams_file=tmp_path / "hparams.yaml"
        )
    assert not trap.sprung


def test_the_arguments_that_a_logger_wrote_are_read(tmp_path: Path) -> None:
    torch.save(small(ClassifierModule), tmp_path / "e.ckpt")
    (tmp_path / "hparams.yaml").write_text(
        "model: cnn_small\ntest_attacks: !!python/tuple\n- pgd\nepsilon: 4/255\n"
    )
    module = ClassifierModule.load_from_checkpoint(
        tmp_path / "e.ckpt", hparams_file=tmp_path / "hparams.yaml", lr=0.5
    )
    assert (module.epsilon, module.test_attacks, module.lr) == (4 / 255, ("none", "pgd"), 0.5)


@MODULES
def test_names_of_class_and_instantiator_are_not_followed(
    module: type[ImageModule], trap: Trap, tmp_path: Path
) -> None:
    names = {"_class_path": f"trap.{module.__name__}", "_instantiator": "trap.Net"}
    content = small(module)
    content["hyper_parameters"] |= names
    content |= {"hparams_name": "kwargs", "hparams_type": "trap.Net"}
    content |= {key: {"model": "trap.Net"} for key in ("hparams", "module_arguments")}
    torch.save(content, tmp_path / "e.ckpt")
    assert type(module.load_from_checkpoint(tmp_path / "e.ckpt")) is module
    with open(tmp_path / "e.ckpt", "rb") as file:
        assert type(module.load_from_checkpoint(io.BytesIO(file.read()))) is module
    assert not trap.sprung


def test_a_name_counts_if_the_user_gives_the_same(trap: Trap, tmp_path: Path) -> None:
    """This also shows that the trap works."""
    torch.save(small(ClassifierModule, model="trap.cnn_small"), tmp_path / "e.ckpt")
    with pytest.raises(UnlearnableError, match=r"trap\.cnn_small.*cannot change"):
        ClassifierModule.load_from_checkpoint(tmp_path / "e.ckpt", model="cnn_small")
    assert not trap.sprung
    ClassifierModule.load_from_checkpoint(tmp_path / "e.ckpt", model="trap.cnn_small")
    assert trap.sprung


@pytest.mark.parametrize("name", ["cnn_small", "unlearnable_lightning.models.cnn_small"])
def test_a_model_of_this_package_may_be_named(name: str, tmp_path: Path) -> None:
    torch.save(small(ClassifierModule, model=name), tmp_path / "e.ckpt")
    assert ClassifierModule.load_from_checkpoint(tmp_path / "e.ckpt").hparams["model"] == name


OWN = {
    "attack": ("fgsm", {"class_path": "pgd", "init_args": {"steps": 2, "epsilon": "4/255"}}),
    "test_attacks": (["fgsm"], [{"class_path": "unlearnable_lightning.attacks.pgd"}], []),
    "defences": (
        ["Mixup", {"class_path": "OrthogonalProjection", "init_args": {"steps": 3, "lr": 0.5}}],
        ["unlearnable_lightning.defences.Mixup"],
        None,
    ),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in OWN.items() for value in values], ids=str
)
def test_attacks_and_defences_of_this_package_may_be_named(
    name: str, value: Any, tmp_path: Path
) -> None:
    torch.save(small(ClassifierModule, **{name: value}), tmp_path / "e.ckpt")
    assert ClassifierModule.load_from_checkpoint(tmp_path / "e.ckpt").hparams[name] == value


def test_views_of_this_package_may_be_named(tmp_path: Path) -> None:
    views = ["Grayscale", {"class_path": "RandomCropFlip", "init_args": {"padding": 2}}]
    torch.save(small(NoiseGenLightningModule, views=views), tmp_path / "e.ckpt")
    module = NoiseGenLightningModule.load_from_checkpoint(tmp_path / "e.ckpt")
    assert [type(view).__name__ for view in module.views] == ["Grayscale", "RandomCropFlip"]


@pytest.mark.parametrize("name", ["attack", "test_attacks", "defences"])
def test_a_refusal_says_what_may_be_named_and_how_to_give_more(name: str, tmp_path: Path) -> None:
    torch.save(small(ClassifierModule, **{name: ["trap.Net"]}), tmp_path / "e.ckpt")
    room = import_module(ClassifierModule.named[name])
    with pytest.raises(UnlearnableError) as refusal:
        ClassifierModule.load_from_checkpoint(tmp_path / "e.ckpt")
    assert all(each in str(refusal.value) for each in room.NAMES)
    assert f"--model.{name}" in str(refusal.value)


def test_names_in_rooms_are_of_the_kind_that_the_argument_takes() -> None:
    """A new file of a room belongs into its `NAMES`; nothing else does."""
    kinds = {"defences": Defence, "augment": nn.Module}
    for room, kind in kinds.items():
        module = import_module(f"unlearnable_lightning.{room}")
        found = {name for name in module.__all__ if inspect.isclass(getattr(module, name, None))}
        fit = {name for name in found if issubclass(getattr(module, name), kind)}
        assert set(module.NAMES) == fit - {"Defence"}
    for name in attacks.NAMES:
        assert build_attack(name, "attack", epsilon=0.1, step_size=0.1, steps=1)


@pytest.mark.parametrize(
    "arguments",
    [
        {"criterion": "trap.Net"},
        {"criterion": {"class_path": "trap.Net"}},
        {"layers": "trap.Net"},
        {"layers": ["trap.Net"]},
        {"layers": {"first": {"class_path": "trap.Net"}}},
        {"mode": {"class_path": "trap.Net"}},
    ],
    ids=str,
)
def test_a_module_of_the_users_takes_no_code_from_a_checkpoint(
    arguments: dict[str, Any], trap: Trap, tmp_path: Path
) -> None:
    torch.save(small(Tuned, **arguments), tmp_path / "e.ckpt")
    with pytest.raises(UnlearnableError, match="may name code"):
        Tuned.load_from_checkpoint(tmp_path / "e.ckpt")
    name = next(iter(arguments))
    Tuned.load_from_checkpoint(tmp_path / "e.ckpt", **{name: "theirs"})
    assert not trap.sprung


def test_a_module_of_the_users_takes_numbers_and_plain_text(tmp_path: Path) -> None:
    torch.save(small(Tuned, mode="other", layers=[1, 2.5], warmup=0.5), tmp_path / "e.ckpt")
    module = Tuned.load_from_checkpoint(tmp_path / "e.ckpt")
    assert (module.mode, module.hparams["layers"], module.warmup) == ("other", [1, 2.5], 0.5)


@pytest.mark.parametrize("key", ["datamodule_hyper_parameters", "NPZDataModule"])
@pytest.mark.parametrize("data", [NPZDataModule, ShapesDataModule])
def test_a_data_module_takes_nothing_from_a_checkpoint(
    data: Any, key: str, trap: Trap, tmp_path: Path
) -> None:
    spec = {"augment": [{"class_path": "trap.Net"}], "_class_path": "trap.Data"}
    hparams = spec | {"_instantiator": "lightning.pytorch.cli.instantiate_module"}
    torch.save(checkpoint_with() | {key: hparams}, tmp_path / "e.ckpt")
    with pytest.raises(UnlearnableError, match="hold no arguments of the data"):
        data.load_from_checkpoint(tmp_path / "e.ckpt")
    assert not trap.sprung


def test_a_noise_file_names_code_that_nobody_imports(
    noise_for: Any, trap: Trap, tmp_path: Path
) -> None:
    data = ShapesDataModule(train_size=60, test_size=60, image_size=16)
    data.setup("fit")
    noise = noise_for(data.train_set.source)
    arguments = names_in(trap.trace)["a class in model_args"]
    made_by = noise.made_by | {"class_path": "trap.Net", "arguments": arguments}
    dataclasses.replace(noise, made_by=made_by).save(tmp_path / "noise.safetensors")
    poisoned = ShapesDataModule(
        train_size=60, test_size=60, image_size=16, noise=str(tmp_path / "noise.safetensors")
    )
    poisoned.setup("fit")
    assert Release.load(tmp_path / "noise.safetensors").made_by["class_path"] == "trap.Net"
    assert not trap.sprung


@pytest.mark.parametrize("method", ["fit", "test", "validate", "predict"])
@pytest.mark.parametrize("place", ["model", "a function of the system", "model as a class"])
def test_a_trainer_follows_no_name_in_a_checkpoint(
    place: str, method: str, trap: Trap, tmp_path: Path
) -> None:
    content = small(ClassifierModule)
    content["hyper_parameters"] |= names_in(trap.trace)[place]
    for key in ("datamodule_hyper_parameters", "hparams", "ShapesDataModule"):
        content[key] = names_in(trap.trace)[place]
    torch.save(content, tmp_path / "e.ckpt")
    torch.save(content, tmp_path / "best.ckpt")
    trainer = L.Trainer(
        max_epochs=1, accelerator="cpu", logger=False, default_root_dir=tmp_path,
        enable_progress_bar=False, enable_model_summary=False, limit_predict_batches=1,
    )  # fmt: skip
    data = ShapesDataModule(train_size=60, test_size=60, image_size=32)
    module = ClassifierModule(model="cnn_small")
    with pytest.raises(UnlearnableError, match="cannot change for its weights"):
        getattr(trainer, method)(module, data, ckpt_path=tmp_path / "e.ckpt")
    assert not trap.sprung


def test_the_checkpoint_of_another_class_is_refused(tmp_path: Path) -> None:
    torch.save(small(NoiseGenLightningModule), tmp_path / "e.ckpt")
    with pytest.raises(UnlearnableError, match="made by NoiseGenLightningModule"):
        ClassifierModule.load_from_checkpoint(tmp_path / "e.ckpt")


def test_weights_of_another_model_are_refused(tmp_path: Path) -> None:
    torch.save(small(ClassifierModule, model="lenet"), tmp_path / "e.ckpt")
    with pytest.raises(UnlearnableError, match="not those of its arguments"):
        ClassifierModule.load_from_checkpoint(tmp_path / "e.ckpt")
