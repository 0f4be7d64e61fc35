"""A noise and a training as the `unlearnable` command that makes it."""

import re
import shlex
from typing import Any

from experiments.grid import Grid, Training

_QUIET = "--trainer.enable_progress_bar false --trainer.enable_model_summary false"


def images(training: Training) -> str:
    """`cifar10` or `mnist`, as the profile names its files and configs."""
    return "mnist" if training.train_data.startswith("mnist") else "cifar10"


def noise(profile: dict[str, Any], name: str, seed: int) -> str:
    """Makes the noise `name`, such as S8, into `noise_folder`.

    Args:
        profile: one of `profiles/`.
        name: S or C (sample-wise, class-wise), epsilon in grey levels, * if it is made on
            grayscale images; G for GrayAug.
        seed: of the run.
    """
    kind, epsilon, star = _parse(name)
    rows = "classwise" if kind == "C" else "samplewise"
    parts = ["unlearnable fit", _filled(profile, profile["noise"][rows])]
    if star:
        parts.append("-c configs/augment/grayscale.yaml")
    if kind == "G":
        parts.append("--model.shared_channels true")
    parts.append(f"--model.epsilon {epsilon}/255")
    return " ".join([*parts, _place(profile, noise_folder(name, seed), seed)])


def train(profile: dict[str, Any], grid: Grid, training: Training, seed: int) -> str:
    """Trains and tests a victim in `train_folder`.

    Args:
        profile: one of `profiles/`.
        grid: says which attacks its test tries.
        training: of the victim.
        seed: of the run.
    """
    method, _, epsilon = training.training.partition("-")
    levels = re.match(r"(\d+)/255", epsilon)
    settings = _filled(
        profile, profile[images(training)][method], levels=levels[1] if levels else ""
    )
    parts = ["unlearnable fit", settings]
    if training.augmentation != "none":
        names = training.augmentation.replace("-", "_").split("+")
        parts += [f"-c configs/augment/{name}.yaml" for name in names]
    if _parse(training.train_data)[0]:
        file = noise_file(profile, training.train_data, noise_seed(profile, seed))
        parts.append(f"--data.noise {file}")
    if epsilon:
        parts.append(f"--model.epsilon {epsilon}")
    attacks = grid.attacks(training) if seed == grid.seeds[0] else []
    parts.append(f"--model.test_attacks '[{','.join(attacks)}]'")
    parts.append("--test_after_fit true")
    return " ".join([*parts, _place(profile, train_folder(training.folder, seed), seed)])


def noise_seed(profile: dict[str, Any], seed: int) -> int:
    """The seed of the noise that a victim of this seed trains on."""
    return seed if profile["noise_of_each_seed"] else profile["seeds"][0]


def noise_folder(name: str, seed: int | str) -> str:
    """Below the folder of the profile's runs."""
    return f"noise/{name.replace('*', 'gray')}/seed{seed}"


def noise_file(profile: dict[str, Any], name: str, seed: int | str) -> str:
    """Where the noise is."""
    return f"runs/{profile['name']}/{noise_folder(name, seed)}/noise.safetensors"


def train_folder(folder: str, seed: int | str) -> str:
    """Below the folder of the profile's runs, from the training's folder."""
    return f"train/{folder}/seed{seed}"


def _parse(name: str) -> tuple[str, str, str]:
    """Kind, epsilon in grey levels and star of a noise; three empty ones for clean data."""
    match = re.fullmatch(r"([SCG])(\d+)(\*?)", name)
    return (match[1], match[2], match[3]) if match else ("", "", "")


def _filled(profile: dict[str, Any], text: str, **values: str) -> str:
    return " ".join(text.format(data=shlex.quote(profile["data"]), **values).split())


def _place(profile: dict[str, Any], folder: str, seed: int) -> str:
    logger = "--trainer.logger.init_args"
    return (
        f"{logger}.save_dir runs/{profile['name']} {logger}.name {folder} {logger}.version= "
        f"--seed_everything {seed} {_QUIET}"
    )
