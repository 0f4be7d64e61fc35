"""Every run of every profile is a command that `unlearnable` takes."""

import re
import shlex
from typing import Any

import pytest

from experiments import commands
from experiments.grid import Grid, Training
from unlearnable_lightning.cli import main


def grid(profile: dict[str, Any]) -> Grid:
    return Grid(profile.get("only", {}), core=False, seeds=profile["seeds"])


def parsed(command: str, capsys: Any) -> str:
    """The whole configuration that the command line makes of it."""
    name, *arguments = shlex.split(command)
    assert name == "unlearnable"
    with pytest.raises(SystemExit) as end:
        main([*arguments, "--print_config"])
    assert not end.value.code
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: Any, request: Any) -> None:
    monkeypatch.chdir(request.config.rootpath)  # configs/… is where a user types it


def test_the_command_line_takes_every_noise(profile: dict[str, Any], capsys: Any) -> None:
    for name in grid(profile).noises():
        config = parsed(commands.noise(profile, name, seed=3), capsys)
        assert "seed_everything: 3" in config
        assert f"epsilon: {name[1]}/255" in config
        assert f"kind: {'classwise' if name[0] == 'C' else 'samplewise'}" in config
        assert ("augment.Grayscale" in config) == ("*" in name)
        assert f"shared_channels: {'true' if name[0] == 'G' else 'false'}" in config


def test_the_command_line_takes_a_training_of_each_kind(
    profile: dict[str, Any], capsys: Any
) -> None:
    runs = grid(profile)
    kinds = {
        (t.training, t.augmentation if t.train_data == "S8*" else ""): t for t, _ in runs.runs()
    }
    for training in kinds.values():
        config = parsed(commands.train(profile, runs, training, seed=0), capsys)
        method, _, epsilon = training.training.partition("-")
        assert f"attack: {'null' if method == 'standard' else method}" in config
        if epsilon:
            assert f"epsilon: {epsilon}" in config
        assert config.count("class_path: unlearnable_lightning.augment") == (
            0 if training.augmentation == "none" else training.augmentation.count("+") + 1
        )


def test_augmentations_come_in_the_order_of_the_name() -> None:
    training = Training("clean", "standard", "grayscale+jpeg-c40+crop_flip")
    profile = {"name": "p", "data": "d", "cifar10": {"standard": ""}}
    command = commands.train(profile, Grid({}, core=False, seeds=[0]), training, seed=0)
    names = re.findall(r"configs/augment/(\w+)\.yaml", command)
    assert names == ["grayscale", "jpeg_c40", "crop_flip"]


@pytest.mark.parametrize(("own", "seed"), [(True, 2), (False, 5)])
def test_victims_train_on_the_noise_of_their_seed_or_of_the_first(own: bool, seed: int) -> None:
    profile = {
        **{"name": "p", "data": "d", "cifar10": {"standard": ""}},
        **{"seeds": [5, 2], "noise_of_each_seed": own},
    }
    training = Training("S8*", "standard", "none")
    command = commands.train(profile, Grid({}, core=False, seeds=[5, 2]), training, seed=2)
    assert f"--data.noise runs/p/noise/S8gray/seed{seed}/noise.safetensors" in command


def test_only_the_first_seed_is_tested_under_attack() -> None:
    profile = {"name": "p", "data": "d", "cifar10": {"standard": ""}}
    training = Training("clean", "standard", "crop_flip")
    runs = Grid({}, core=False, seeds=[4, 7])
    attacks = [commands.train(profile, runs, training, seed) for seed in (4, 7)]
    assert "'[fgsm,pgd]'" in attacks[0]
    assert "'[]'" in attacks[1]
