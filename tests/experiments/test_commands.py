"""Every run of every profile is a command that `unlearnable` takes."""

import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from experiments.commands import commands, noise, train
from experiments.grid import Grid, read_grid
from experiments.training import Training
from unlearnable_lightning.cli import UnlearnableCLI, main
from unlearnable_lightning.pixels import as_step

PROFILE = {
    **{"name": "p", "data": "d", "train": {"cifar10": {"standard": ""}}},
    **{"seeds": [4, 7], "noise_of_each_seed": True},
}


def grid(profile: dict[str, Any]) -> Grid:
    return read_grid(
        Path(profile["grid"]),
        profile["seeds"],
        profile.get("only"),
        victims=profile.get("victims"),
    )


@pytest.fixture(scope="module")
def parser() -> Any:
    """That of `unlearnable fit`; it takes as long to build as to parse with."""
    built: list[Any] = []

    def stop(_: Any, parser: Any, __: Any) -> None:
        built.append(parser)
        raise SystemExit

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(UnlearnableCLI, "parse_arguments", stop)
        with pytest.raises(SystemExit):
            main(["fit"])
    return built[0]


@pytest.fixture
def parsed(parser: Any, capsys: Any) -> Callable[[str], str]:
    """The whole configuration that the command line makes of a command."""

    def parse(command: str) -> str:
        name, *arguments = shlex.split(command)
        assert name == "unlearnable"
        with pytest.raises(SystemExit) as end:
            parser.parse_args([*arguments, "--print_config"])
        assert not end.value.code
        return capsys.readouterr().out

    return parse


@pytest.fixture(autouse=True)
def _in_the_project(monkeypatch: Any, request: Any) -> None:
    monkeypatch.chdir(request.config.rootpath)  # configs/… is where a user types it


# what the thesis's names stand for: grey levels, kind, extra view, method
PLAIN = "NoiseGenLightningModule"
NOISES = {
    **{f"S{levels}": (levels, "samplewise", "", PLAIN) for levels in (2, 4, 8)},
    **{f"C{levels}": (levels, "classwise", "", PLAIN) for levels in (2, 4, 8)},
    **{"S8*": (8, "samplewise", "- Grayscale", PLAIN)},
    **{"C8*": (8, "classwise", "- Grayscale", PLAIN)},
    **{"G8": (8, "samplewise", "", "GrayAug")},
}


def test_the_command_line_takes_every_noise(profile: dict[str, Any], parsed: Any) -> None:
    runs = grid(profile)
    for name in runs.noises():
        config = parsed(noise(profile, runs, name, seed=3))
        assert "seed_everything: 3" in config
        if name not in NOISES:  # of another grid, which says in its YAML what a name stands for
            assert runs.names.noises[name].folder == name
            continue
        levels, kind, view, method = NOISES[name]
        assert f"epsilon: {levels}/255" in config
        assert f"kind: {kind}" in config
        assert ("- Grayscale" in config) == bool(view)
        assert f".{method}\n" in config


def test_a_noise_steps_by_the_same_share_of_any_epsilon(
    profile: dict[str, Any], parsed: Any
) -> None:
    runs = grid(profile)
    shares: dict[str, set[float]] = {}
    for name in {"S2", "S4", "S8", "C2", "C4", "C8"} & set(runs.noises()):
        config = parsed(noise(profile, runs, name, seed=3))
        step = re.findall(r"^    step_size: (.+)$", config, re.MULTILINE)[0]
        levels, kind, *_ = NOISES[name]
        written = "epsilon/10" if step == "null" else step
        share = as_step(written, levels / 255) / (levels / 255)
        shares.setdefault(kind, set()).add(round(share, 9))
    assert all(len(each) == 1 for each in shares.values())


def test_the_command_line_takes_a_training_of_each_kind(
    profile: dict[str, Any], parsed: Any
) -> None:
    runs = grid(profile)
    kinds = {
        (t.training, t.augmentation if t.train_data == "S8*" else ""): t for t, _ in runs.runs()
    }
    for training in kinds.values():
        config = parsed(train(profile, runs, training, seed=0))
        epsilon = training.training.partition("-")[2]
        begins = runs.names.trainers()[training.training].config
        attack = begins if begins in ("fgsm", "pgd") else "null"
        assert f"attack: {attack}\n" in config
        if epsilon and attack != "null":
            assert f"epsilon: {epsilon}" in config
        steps = 0 if training.augmentation == "none" else training.augmentation.count("+") + 1
        # a part may hold two: RSK + FF brings its own crop + flip
        assert config.count("class_path: unlearnable_lightning.augment") >= steps


def test_every_run_has_a_command_of_its_own(profile: dict[str, Any]) -> None:
    runs = grid(profile)
    every = commands(profile, runs)
    assert len(set(every.values())) == len(every)
    trained = [folder for folder in every if folder.startswith("train/")]
    assert len(trained) == len(list(runs.runs()))
    assert all(f".name {folder} " in command for folder, command in every.items())


def test_augmentations_come_in_the_order_of_the_name(thesis: Grid) -> None:
    training = Training("clean", "standard", "grayscale+jpeg-c40+crop_flip")
    names = re.findall(r"configs/augment/(\w+)\.yaml", train(PROFILE, thesis, training, seed=0))
    assert names == ["grayscale", "jpeg_c40", "crop_flip"]


@pytest.mark.parametrize(("own", "seed"), [(True, 2), (False, 5)])
def test_victims_train_on_the_noise_of_their_seed_or_of_the_first(
    own: bool, seed: int, thesis: Grid
) -> None:
    profile = {**PROFILE, "seeds": [5, 2], "noise_of_each_seed": own}
    training = Training("S8*", "standard", "none")
    command = train(profile, replace(thesis, seeds=[5, 2]), training, seed=2)
    assert f"--data.noise runs/p/noise/S8gray/seed{seed}/noise.safetensors" in command


def test_only_the_first_seed_is_tested_under_attack(thesis: Grid) -> None:
    training = Training("clean", "standard", "crop_flip")
    runs = replace(thesis, seeds=[4, 7])
    attacks = [train(PROFILE, runs, training, seed) for seed in (4, 7)]
    assert "'[fgsm,pgd]'" in attacks[0]
    assert "'[]'" in attacks[1]
