"""A noise and a training as the `unlearnable` command that makes it."""

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from experiments.grid import Grid
from experiments.precision import precision_arguments
from experiments.training import Training
from unlearnable_lightning.errors import UnlearnableError

_QUIET = "--trainer.enable_progress_bar false --trainer.enable_model_summary false"


def commands(profile: dict[str, Any], grid: Grid) -> dict[str, str]:
    """The command of every run by its folder, the noises first.

    Args:
        profile: one of `profiles/`.
        grid: what is run.

    Raises:
        UnlearnableError: the profile lacks what an entry of the grid begins with.
    """
    made = {
        noise_folder(grid, name, seed): noise(profile, grid, name, seed)
        for name, seed in noise_runs(profile, grid)
    }
    trained = {
        train_folder(grid, training, seed): train(profile, grid, training, seed)
        for training, seed in grid.runs()
    }
    return made | trained


def anywhere(profile: dict[str, Any]) -> dict[str, Any]:
    """The profile for the commands on a page: the images lie in `data`, and the precision is not
    that of the machine that writes the page, for its runs were made on others."""
    return {**profile, "data": "data", "precision": None}


def noise_runs(profile: dict[str, Any], grid: Grid) -> Iterator[tuple[str, int]]:
    """Every noise that a training needs, with each of its seeds."""
    needed = (
        (training.train_data, noise_seed(profile, seed))
        for training, seed in grid.runs()
        if training.train_data in grid.names.noises
    )
    yield from dict.fromkeys(needed)


def noise(profile: dict[str, Any], grid: Grid, name: str, seed: int) -> str:
    """Makes the noise `name` into `noise_folder`.

    Args:
        profile: one of `profiles/`.
        grid: says what the name stands for.
        name: of the grid's noises.
        seed: of the run.
    """
    entry = grid.names.noises[name]
    settings = _profile_arguments(profile, profile["noise"], entry.config, f"noise {name}: noise")
    place = _place(profile, noise_folder(grid, name, seed), seed)
    return _joined("unlearnable fit", settings, entry.arguments, place)


def train(profile: dict[str, Any], grid: Grid, training: Training, seed: int) -> str:
    """Trains and tests a victim in `train_folder`.

    Args:
        profile: one of `profiles/`.
        grid: says what the names stand for, and which attacks the test tries.
        training: of the victim.
        seed: of the run.
    """
    defence = grid.names.trainers()[training.training]
    images = grid.names.clean_images(training.train_data).images
    where = f"{training.training}: train: {images}"
    section = profile["train"].get(images, {})
    settings = _profile_arguments(profile, section, defence.config, where)
    parts = ["unlearnable fit", settings]
    parts += [each.arguments for each in grid.names.augmentation_entries(training.augmentation)]
    if training.train_data in grid.names.noises:
        parts.append(f"--data.noise {noise_file(profile, grid, training.train_data, seed)}")
    source = grid.names.pretraining(training)
    if source is not None:
        parts.append(f"--model.weights {weights_file(profile, grid, source)}")
    attacks = grid.attacks(training) if seed == grid.seeds[0] else []
    parts += [defence.arguments, f"--model.test_attacks '[{','.join(attacks)}]'"]
    place = _place(profile, train_folder(grid, training, seed), seed)
    return _joined(*parts, "--test_after_fit true", place)


def inspect(profile: dict[str, Any], folder: str, seed: int) -> str:
    """Measures the noise whose folder that is, into that folder.

    Args:
        profile: one of `profiles/`, with the arguments of its `inspect`.
        folder: of the grid's entry.
        seed: of its run.
    """
    place = f"runs/{profile['name']}/noise/{folder}/seed{seed}"
    arguments = profile["inspect"].format(data=shlex.quote(profile["data"]))
    return _joined("unlearnable inspect", f"{place}/noise.safetensors", arguments, f"--out {place}")


def noise_seed(profile: dict[str, Any], seed: int) -> int:
    """The seed of the noise that a victim of this seed trains on."""
    return seed if profile["noise_of_each_seed"] else profile["seeds"][0]


def noise_folder(grid: Grid, name: str, seed: int) -> str:
    """Below the folder of the profile's runs."""
    return f"noise/{grid.names.noises[name].folder}/seed{seed}"


def noise_file(profile: dict[str, Any], grid: Grid, name: str, seed: int) -> str:
    """Where the noise is that a victim of this seed trains on."""
    folder = noise_folder(grid, name, noise_seed(profile, seed))
    return f"runs/{profile['name']}/{folder}/noise.safetensors"


def weights_file(profile: dict[str, Any], grid: Grid, training: Training) -> str:
    """The last weights of a training with the first seed, which other victims start from."""
    folder = train_folder(grid, training, grid.seeds[0])
    return f"runs/{profile['name']}/{folder}/checkpoints/last.ckpt"


def train_folder(grid: Grid, training: Training, seed: int) -> str:
    """Below the folder of the profile's runs."""
    return f"train/{grid.names.folder(training)}/seed{seed}"


def _profile_arguments(
    profile: dict[str, Any], section: Mapping[str, str], config: str, where: str
) -> str:
    """The profile's arguments that an entry begins with."""
    if config not in section:
        raise UnlearnableError(
            f"{where} of the profile {profile['name']} has no {config!r} "
            f"({', '.join(section) or 'nothing'}): add it there, or give the entry another config."
        )
    try:
        return section[config].format(data=shlex.quote(profile["data"]))
    except KeyError as error:
        raise UnlearnableError(
            f"{where}: {config} of the profile {profile['name']} has {{{error.args[0]}}}, which "
            "nothing fills in: {data} alone may stand there, the folder of the data."
        ) from error


def _joined(*parts: str) -> str:
    return " ".join(" ".join(part.split()) for part in parts if part.strip())


def _place(profile: dict[str, Any], folder: str, seed: int) -> str:
    logger = "--trainer.logger.init_args"
    return (
        f"{logger}.save_dir runs/{profile['name']} {logger}.name {folder} {logger}.version= "
        f"--seed_everything {seed} {precision_arguments(profile)} {_QUIET}"
    )
