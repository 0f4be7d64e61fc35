"""Noise of images that are read: its deltas lie in files, and are those of a run in memory."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pytest
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor

from unlearnable_lightning import NPYDataModule, NPZDataModule, Release
from unlearnable_lightning.data.shapes_images import draw_shapes
from unlearnable_lightning.data.share import Share
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.noise import NoiseGenLightningModule
from unlearnable_lightning.noise.methods.gray import GrayAug
from unlearnable_lightning.rows import whole

Make = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    images, labels = draw_shapes(51, seed=0, image_size=16)
    arrays = {"x_train": images.permute(0, 2, 3, 1).numpy(), "y_train": labels.numpy()}
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    np.savez(tmp_path / "x_train.npz", **arrays)
    return tmp_path


def files(folder: Path, **kwargs: Any) -> NPYDataModule:
    names = [str(folder / f"{name}.npy") for name in ("x_train", "y_train")]
    return NPYDataModule(*names, **{"val_size": 0, "batch_size": 10} | kwargs)


def memory(folder: Path, **kwargs: Any) -> NPZDataModule:
    path = str(folder / "x_train.npz")
    return NPZDataModule(path, **{"val_size": 0, "batch_size": 10} | kwargs)


class LastRound(NoiseGenLightningModule):
    sweeps = "last_round"


class EveryBatch(NoiseGenLightningModule):
    sweeps = "every_batch"


def made(path: Path) -> Tensor:
    return whole(Release.load(path / "noise.safetensors").difference)


@pytest.mark.parametrize(
    "method",
    [NoiseGenLightningModule, LastRound, EveryBatch, GrayAug],
    ids=lambda each: each.__name__,
)
@pytest.mark.parametrize("arguments", [{}, {"init": "zeros", "model_steps": 13}], ids=str)
def test_noise_in_files_is_noise_in_memory(
    folder: Path, method: Any, arguments: dict[str, Any], trainer: Make, generator: Make
) -> None:
    for name, data in (("files", files(folder)), ("memory", memory(folder))):
        L.seed_everything(0)
        trainer(name).fit(generator(method, stop_error=None, **arguments), data)
    ours, theirs = (Release.load(folder / x / "noise.safetensors") for x in ("files", "memory"))
    assert torch.equal(whole(ours.difference), whole(theirs.difference))
    assert ours.made_by["error"] == theirs.made_by["error"]
    assert (ours.source, ours.bound, ours.finished) == (theirs.source, theirs.bound, True)
    assert theirs.difference.ne(0).any()
    left = sorted(path.name for path in (folder / "files" / "deltas").iterdir())
    assert left == ["2.0-of-1.f16"]
    assert not (folder / "memory" / "deltas").exists()
    assert (folder / "files" / "noise.png").read_bytes() == (
        folder / "memory" / "noise.png"
    ).read_bytes()


def test_a_victim_trains_on_a_release_in_shards(folder: Path, trainer: Make, generator: Make):
    L.seed_everything(0)
    module = generator()
    trainer("run", max_epochs=1).fit(module, files(folder))
    noise = str(folder / "run" / "noise.safetensors")
    for data in (files(folder, noise=noise), memory(folder, noise=noise)):
        data.setup("fit")
        served, clean = whole(data.train_set.images), whole(data.train_set.clean)
        assert torch.equal(served.int() - clean, made(folder / "run").int())
    assert torch.equal(whole(module.noise().difference), made(folder / "run"))


class Break(Callback):
    """Raises in the middle of the sweep of a round."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: Any) -> None:
        step, seen = pl_module.noise_step, []

        def stop(*args: Any) -> Tensor:
            seen.append(1)
            if pl_module.deltas.rounds == self.rounds and len(seen) > 2:
                raise RuntimeError("power cut")
            result: Tensor = step(*args)
            return result

        pl_module.noise_step = stop


@pytest.mark.parametrize("rounds", [0, 1, 2])
def test_a_broken_round_is_the_one_before_and_the_run_goes_on(
    folder: Path, rounds: int, trainer: Make, generator: Make
) -> None:
    def run(name: str, **kwargs: Any) -> None:
        L.seed_everything(0)
        data, resume = files(folder), kwargs.pop("ckpt_path", None)
        trainer(name, max_epochs=4, **kwargs).fit(
            generator(stop_error=None), data, ckpt_path=resume
        )

    run("whole")
    with pytest.raises(RuntimeError, match="power cut"):
        run("broken", callbacks=[Break(rounds)])
    noise = folder / "broken" / "noise.safetensors"
    assert noise.exists() == (rounds > 0)
    if rounds:
        so_far = Release.load(noise)
        assert so_far.made_by["rounds"] == rounds
        assert not so_far.finished
    run("broken", ckpt_path=folder / "broken" / "checkpoints" / "last.ckpt")
    assert noise.read_bytes() == (folder / "whole" / "noise.safetensors").read_bytes()
    assert torch.equal(made(folder / "broken"), made(folder / "whole"))
    assert len(list((folder / "broken" / "deltas").iterdir())) == 1


def test_a_run_goes_on_in_another_folder_and_from_memory(
    folder: Path, trainer: Make, generator: Make
) -> None:
    for name, data in (("a", files(folder)), ("m", memory(folder))):
        L.seed_everything(0)
        trainer(name, max_epochs=2).fit(generator(stop_error=None), data)
    for name, into in (("a", "b"), ("m", "n")):
        resume = folder / name / "checkpoints" / "last.ckpt"
        trainer(into, max_epochs=3).fit(generator(stop_error=None), files(folder), ckpt_path=resume)
    trainer("a", max_epochs=3).fit(
        generator(stop_error=None),
        files(folder),
        ckpt_path=folder / "a" / "checkpoints" / "last.ckpt",
    )
    assert torch.equal(made(folder / "a"), made(folder / "b"))
    assert torch.equal(made(folder / "a"), made(folder / "n"))


def change(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (change, "is not the file that the checkpoint names"),
        (lambda path: path.unlink(), "lies in the files 1.0-of-1.f16.*copy the folder deltas"),
        (lambda path: path.write_bytes(b""), "is cut"),
    ],
)
def test_files_that_are_not_as_they_were_are_refused(
    folder: Path, spoil: Callable[[Path], object], message: str, trainer: Make, generator: Make
) -> None:
    trainer("run", max_epochs=1).fit(generator(stop_error=None), files(folder))
    spoil(folder / "run" / "deltas" / "1.0-of-1.f16")
    with pytest.raises(UnlearnableError, match=message):
        trainer("run", max_epochs=2).fit(
            generator(stop_error=None),
            files(folder),
            ckpt_path=folder / "run" / "checkpoints" / "last.ckpt",
        )


def test_a_checkpoint_names_no_file_elsewhere(folder: Path, trainer: Make, generator: Make) -> None:
    trainer("run", max_epochs=1).fit(generator(stop_error=None), files(folder))
    last = folder / "run" / "checkpoints" / "last.ckpt"
    content = torch.load(last, map_location="cpu")
    content["noise"]["files"][0]["file"] = "../deltas/1.0-of-1.f16"
    torch.save(content, last)
    with pytest.raises(UnlearnableError, match="which are not in"):
        trainer("run", max_epochs=2).fit(generator(stop_error=None), files(folder), ckpt_path=last)


def test_noise_in_files_needs_images_in_files(folder: Path, trainer: Make, generator: Make) -> None:
    trainer("run", max_epochs=1).fit(generator(stop_error=None), files(folder))
    last = folder / "run" / "checkpoints" / "last.ckpt"
    with pytest.raises(UnlearnableError, match=r"lies in files beside it.*NPYDataModule"):
        trainer("run", max_epochs=2).fit(generator(stop_error=None), memory(folder), ckpt_path=last)
    with pytest.raises(UnlearnableError, match=r"Leave ckpt_path out.*data\.noise"):
        trainer("run").predict(generator(), files(folder), ckpt_path=last)


def test_other_images_are_refused(folder: Path, trainer: Make, generator: Make) -> None:
    trainer("run", max_epochs=1).fit(generator(stop_error=None), files(folder))
    np.save(folder / "x_train.npy", 255 - np.load(folder / "x_train.npy"))
    with pytest.raises(UnlearnableError, match="other images"):
        trainer("run", max_epochs=2).fit(
            generator(stop_error=None),
            files(folder),
            ckpt_path=folder / "run" / "checkpoints" / "last.ckpt",
        )


def test_a_trial_leaves_nothing(folder: Path, trainer: Make, generator: Make) -> None:
    trainer("run", fast_dev_run=True).fit(generator(), files(folder))
    assert not (folder / "run").exists()


@pytest.mark.parametrize(("images", "ranks"), [(51, 1), (51, 2), (10, 3), (3, 3), (1000, 7)])
def test_images_are_dealt_out_evenly(images: int, ranks: int) -> None:
    share = Share(images, ranks)
    hands = [share.rows(rank) for rank in range(ranks)]
    assert sorted(torch.cat(hands).tolist()) == list(range(images))
    assert [len(hand) for hand in hands] == share.counts
    assert max(share.counts) - min(share.counts) <= 1
    for hand in hands:
        assert share.place[hand].tolist() == list(range(len(hand)))
        # classes of sorted data and of data in turns are on every rank alike
        if images == 1000:
            for labels in (torch.arange(images) // 143, torch.arange(images) % 7):
                counts = labels[hand].bincount(minlength=7)
                assert counts.min() > 5


def test_first_noise_is_the_same_on_any_number_of_ranks() -> None:
    """What is drawn piece by piece is what is drawn at one go."""
    at_once = torch.rand(50, 3, 7, 5, generator=torch.Generator().manual_seed(3))
    generator = torch.Generator().manual_seed(3)
    parts = [torch.rand(n, 3, 7, 5, generator=generator) for n in (1, 2, 30, 17)]
    assert torch.equal(at_once, torch.cat(parts))
