"""What every file of `noise/methods/` holds to; a new file is found by being there."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pytest
import torch
import yaml
from lightning.pytorch.callbacks import Callback

from unlearnable_lightning import NPZDataModule, Release, UnlearnableError, noise, poison
from unlearnable_lightning.data.shapes_images import draw_shapes
from unlearnable_lightning.noise import ClosedForm, NoiseDriver, methods

CONFIGS = Path(__file__).parents[2] / "configs" / "noise"
BY_SEED_ALONE = {"OPS"}  # the images decide everything
IN_ANY_ORDER: dict[str, dict[str, Any]] = {  # without what depends on a place in a batch
    "SEM": {"attack_epsilon": 0},  # draws
    "REM": {"attack_epsilon": 0},
    "MIUE": {"sweep_batch_size": 50},  # whom an image is compared with
}
QUICK: dict[str, dict[str, Any]] = {  # what takes its time beside steps and model steps
    "SEM": {"samples": 1, "attack_steps": 1},
    "REM": {"samples": 1, "attack_steps": 1},
    "SEP": {"members": 1},  # of 1, 2 or 3 epochs
    "EntF": {"reference_steps": 1},
}


def members() -> list[type]:
    """The modules that files of the folder define."""
    found = []
    for info in pkgutil.iter_modules(methods.__path__):
        module = importlib.import_module(f"{methods.__name__}.{info.name}")
        found += [
            each
            for _, each in inspect.getmembers(module, inspect.isclass)
            if each.__module__ == module.__name__ and issubclass(each, L.LightningModule)
        ]
    return found


MEMBERS = members()
GRADIENT = [each for each in MEMBERS if issubclass(each, NoiseDriver)]
every = pytest.mark.parametrize("method", MEMBERS, ids=lambda each: each.__name__)
every_gradient = pytest.mark.parametrize("method", GRADIENT, ids=lambda each: each.__name__)
every_closed = pytest.mark.parametrize(
    "method", [each for each in MEMBERS if issubclass(each, ClosedForm)], ids=lambda e: e.__name__
)


def small(method: type, **arguments: Any) -> Any:
    """A module of a method whose noise takes a second."""
    if issubclass(method, ClosedForm):
        return method(**arguments)
    quick = {"model": "cnn_small", "image_size": 16, "steps": 3, "model_steps": 3}
    return method(**quick | QUICK.get(method.__name__, {}) | arguments)


@pytest.fixture
def images(tmp_path: Path) -> Callable[..., NPZDataModule]:
    """Fifty drawings in an order, as a data module."""

    def make(order: Any = slice(None), **arguments: Any) -> NPZDataModule:
        drawn, labels = draw_shapes(50, seed=0, image_size=16)
        nhwc, path = (
            drawn.permute(0, 2, 3, 1).numpy(),
            tmp_path / f"{len(list(tmp_path.glob('*')))}",
        )
        arrays = {"x_train": nhwc[order], "y_train": labels.numpy()[order]}
        with open(path, "wb") as file:
            np.savez(file, x_test=nhwc, y_test=labels.numpy(), **arrays)
        return NPZDataModule(str(path), **{"batch_size": 25, "seed": 0} | arguments)

    return make


@pytest.fixture
def made(trainer: Any) -> Callable[..., Release]:
    """The release that a fit of two rounds makes; the module is built once the seed is set."""

    def make(
        build: Callable[[], Any], data: NPZDataModule, folder: str, seed: int = 0, **kwargs: Any
    ) -> Release:
        L.seed_everything(seed)
        module = build()
        trainer(folder, **kwargs).fit(module, data)
        return module.noise()

    return make


@every
def test_it_has_a_name_in_the_room_and_a_config(method: type) -> None:
    assert getattr(noise, method.__name__) is method
    named = [yaml.safe_load(path.read_text())["model"]["class_path"] for path in CONFIGS.iterdir()]
    assert method.__name__ in named


@every
def test_the_seed_decides_the_noise(method: type, images: Any, made: Any) -> None:
    first, same, other = (
        made(lambda: small(method), images(), f"run{n}", seed).difference
        for n, seed in enumerate((0, 0, 1))
    )
    assert torch.equal(first, same)
    assert torch.equal(first, other) == (method.__name__ in BY_SEED_ALONE)
    assert first.any()


@every
def test_it_survives_its_file_and_is_within_its_bound_in_8_bits(
    method: type, images: Any, made: Any, tmp_path: Path
) -> None:
    data = images()
    release = made(lambda: small(method), data, "run")
    read = Release.load(tmp_path / "run" / "noise.safetensors")  # a bound is checked when built
    assert torch.equal(read.difference, release.difference)
    assert (read.bound, read.kind, read.made_by) == (release.bound, release.kind, release.made_by)
    images_of = data.train_set
    poisoned = poison(images_of.clean, images_of.labels, read)
    change = poisoned.int() - images_of.clean.int()
    if read.bound is not None and read.bound.norm == "linf":
        assert change.abs().max() <= round(255 * read.bound.value)
    elif read.bound is not None and read.bound.norm == "l0":
        assert change.ne(0).any(1).flatten(1).sum(1).max() <= read.bound.value
    elif read.bound is not None:
        half_a_level = (change[0].numel() ** 0.5) / 510
        norms = (change / 255).flatten(1).norm(dim=1)
        assert norms.max() <= read.bound.value + half_a_level
    assert (tmp_path / "run" / "noise.png").exists()


@every
def test_permuting_the_images_with_their_labels_permutes_the_noise(
    method: type, images: Any, made: Any
) -> None:
    """By gradient it holds for one surrogate: a trained one has seen other batches."""
    fixed: dict[str, Any] = {}
    if issubclass(method, NoiseDriver):
        fixed = {"model_steps": 0, "init": "zeros", "steps": 6}
        fixed |= IN_ANY_ORDER.get(method.__name__, {})
    order = torch.randperm(50, generator=torch.Generator().manual_seed(5))
    plain = made(lambda: small(method, **fixed), images(), "plain")
    turned = made(lambda: small(method, **fixed), images(order.numpy()), "turned")
    expected = plain.difference if plain.kind == "classwise" else plain.difference[order]
    unlike = turned.difference != expected
    # a batch of other images has sums that differ in the last bit, and signs where they are 0
    assert unlike.float().mean() <= (0.001 if fixed else 0)


@every_gradient
@pytest.mark.parametrize("kind", ["samplewise", "classwise"])
def test_broken_off_and_resumed_equals_unbroken(
    method: type, kind: str, images: Any, made: Any, trainer: Any, tmp_path: Path
) -> None:
    class PowerCut(Callback):
        def on_train_batch_start(self, trainer: Any, _: Any, __: Any, batch_idx: int) -> None:
            if trainer.current_epoch == 1 and batch_idx == 2:
                raise RuntimeError("power cut")

    views = ["RandomCropFlip"]
    whole = made(lambda: small(method, kind=kind, views=views), images(), "whole", max_epochs=3)
    L.seed_everything(0)
    with pytest.raises(RuntimeError, match="power cut"):
        trainer("b", max_epochs=3, callbacks=[PowerCut()]).fit(
            small(method, kind=kind, views=views), images()
        )
    resumed, last = small(method, kind=kind, views=views), tmp_path / "b" / "checkpoints/last.ckpt"
    trainer("b", max_epochs=3).fit(resumed, images(), ckpt_path=last)
    assert torch.equal(resumed.noise().difference, whole.difference)


@every_gradient
def test_no_model_step_and_a_trained_surrogate(
    method: type, images: Any, made: Any, classifier: Any, trainer: Any, tmp_path: Path
) -> None:
    """M = 0: the weights that a checkpoint gives are those that the sweeps run on; a run of such
    rounds resumes as well."""
    trainer("victim").fit(classifier(), images())
    checkpoint = tmp_path / "victim" / "checkpoints" / "last.ckpt"
    arguments = {"model_steps": 0, "surrogate": str(checkpoint), "stop_error": None}
    if method is noise.MIUE:  # its step size climbs up to the last round: one more is another climb
        arguments["last_step_size"] = "0.2/255"
    module = small(method, **arguments)
    release = made(lambda: module, images(), "run", max_epochs=3)
    weights = torch.load(checkpoint, weights_only=True, map_location="cpu")["state_dict"]
    for key, value in module.model.state_dict().items():
        assert torch.equal(value, weights[f"model.{key}"]), key
    assert release.made_by["rounds"] == 3
    made(lambda: small(method, **arguments), images(), "short", max_epochs=2)
    longer = small(method, **arguments)
    trainer("short", max_epochs=3).fit(
        longer, images(), ckpt_path=tmp_path / "short" / "checkpoints" / "last.ckpt"
    )
    assert torch.equal(longer.noise().difference, release.difference)


@every
def test_augmentations_of_the_data_are_refused(
    method: type, images: Any, trainer: Any, tmp_path: Path
) -> None:
    data = images(augment=[torch.nn.Identity()])
    with pytest.raises(UnlearnableError, match=r"model\.views"):
        trainer().fit(small(method), data)
    assert not (tmp_path / "run" / "noise.safetensors").exists()


@every
def test_images_that_have_noise_are_refused(
    method: type, images: Any, made: Any, trainer: Any, tmp_path: Path
) -> None:
    made(noise.LSP, images(), "first", max_epochs=1)
    data = images(noise=str(tmp_path / "first" / "noise.safetensors"))
    with pytest.raises(UnlearnableError, match=r"data\.noise is given"):
        trainer("second").fit(small(method), data)


@every
def test_the_noise_of_another_run_is_not_overwritten(
    method: type, images: Any, made: Any, trainer: Any, tmp_path: Path
) -> None:
    made(lambda: small(method), images(), "run", max_epochs=1)
    before = (tmp_path / "run" / "noise.safetensors").read_bytes()
    with pytest.raises(UnlearnableError, match="exists already"):
        trainer("run").fit(small(method), images())
    assert (tmp_path / "run" / "noise.safetensors").read_bytes() == before


@every_closed
def test_closed_form_says_nothing_of_rounds(method: type, images: Any, made: Any) -> None:
    made_by = made(lambda: small(method), images(), "run").made_by
    assert {"class_path", "arguments", "seed"} == set(made_by)


@every_closed
def test_closed_form_has_no_checkpoint_to_go_on_from(
    method: type, images: Any, trainer: Any, classifier: Any, tmp_path: Path
) -> None:
    trainer("victim").fit(classifier(), images())
    with pytest.raises(UnlearnableError, match="no checkpoint to go on from"):
        trainer().fit(
            small(method), images(), ckpt_path=tmp_path / "victim" / "checkpoints" / "last.ckpt"
        )
