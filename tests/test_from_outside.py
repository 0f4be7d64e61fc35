"""A stranger's methods, defences and format, each one file outside the package and named by class
path alone: fit, train, test, report, without an edit of an old file."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from unlearnable_lightning import ShapesDataModule
from unlearnable_lightning.cli import main
from unlearnable_lightning.release import Release
from unlearnable_lightning.report import report

CLOSED_FORM = '''
"""Stripes: the class is written into every image as bright and dark rows."""
import torch
from unlearnable_lightning.noise import ClosedForm


class Stripes(ClosedForm):
    kind = "classwise"

    def __init__(self, grey_levels: int = 22):
        super().__init__()
        self.grey_levels = grey_levels

    def make(self, images, labels, classes, generator):
        rows = torch.arange(images.shape[2])
        signs = torch.stack([(rows // (1 + k) % 2) * 2 - 1 for k in range(classes)])
        pattern = self.grey_levels * signs[:, None, :, None]
        return pattern.expand(-1, *images.shape[1:]).to(torch.int16)
'''
BY_GRADIENT = '''
"""Targeted noise on a surrogate that is trained first: one sweep, after the last round."""
from torch.nn.functional import cross_entropy
from unlearnable_lightning.attacks import pgd
from unlearnable_lightning.noise import NoiseDriver


class Targeted(NoiseDriver):
    sweeps = "last_round"

    def model_loss(self, images, labels, delta):
        return cross_entropy(self(self.views(images)), labels)

    def noise_step(self, model, images, labels, delta):
        targets = (labels + 1) % self.hparams.num_classes
        return pgd(model, images, targets, epsilon=self.epsilon, step_size=self.step_size,
                   steps=self.steps, start=delta, minimize=True)
'''
ON_THE_BATCH = '''
"""Label smoothing, as a defence."""
from unlearnable_lightning.defences import Defence


class Smooth(Defence):
    def __init__(self, share: float = 0.1):
        self.share = share

    def on_batch(self, images, targets):
        return images, (1 - self.share) * targets + self.share / targets.shape[1]
'''
ON_THE_DATASET = '''
"""The mean picture is taken away from every image."""
from unlearnable_lightning.defences import Defence


class Centre(Defence):
    def on_dataset(self, images, labels):
        pixels = images.float() / 255
        return pixels - pixels.mean(0) + 0.5
'''
FORMAT = '''
"""Poisoned images as a text file: a line of numbers for each image."""
import numpy as np
import torch
from unlearnable_lightning.release import poison, release_of_images
from unlearnable_lightning.release.formats import Format


class Text(Format):
    def read(self, path, images, labels, source):
        poisoned = torch.from_numpy(np.loadtxt(path, dtype=np.uint8)).view(images.shape)
        return release_of_images(poisoned, images, source, {"class_path": "text.Text"})

    def write(self, path, release, images, labels):
        poisoned = poison(images, labels, release)
        np.savetxt(path, poisoned.flatten(1).numpy(), fmt="%d")
'''
SIZES = {"train_size": 60, "test_size": 40, "image_size": 16, "batch_size": 20}
DATA = ["--data=ShapesDataModule", *(f"--data.{key}={value}" for key, value in SIZES.items())]
QUIET = ["--trainer.accelerator=cpu", "--trainer.logger=false"]
QUIET += ["--trainer.enable_progress_bar=false", "--trainer.enable_model_summary=false"]
SURROGATE = ["--model.model=cnn_small", "--model.steps=3", "--model.model_steps=3"]
VICTIM = ["--model=ClassifierModule", "--model.model=cnn_small", "--model.test_attacks=[fgsm]"]
Write = Callable[[str, str], None]


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a module into a folder outside the package."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path / "mine"))

    def write(name: str, code: str) -> None:
        (tmp_path / "mine" / f"{name}.py").write_text(code)

    return write


def make_noise(class_path: str, *arguments: str) -> Release:
    run = ["--trainer.default_root_dir=noise", "--trainer.max_epochs=2"]
    main(["fit", f"--model={class_path}", *arguments, *DATA, *QUIET, *run])
    return Release.load("noise/noise.safetensors")


def train_and_report(*arguments: str) -> dict[str, Any]:
    """What `test.json` says after `fit` and `test` of a victim; the report names its run."""
    folder = "--trainer.default_root_dir=run/victim"
    main(["fit", *VICTIM, *DATA, *arguments, *QUIET, folder, "--trainer.max_epochs=2"])
    last = "--ckpt_path=run/victim/checkpoints/last.ckpt"
    model = [each for each in arguments if each.startswith("--model")]
    main(["test", *VICTIM, *model, *DATA, *QUIET, folder, last])
    assert "| victim | last |" in report(Path("run"))
    return json.loads(Path("run/victim/test.json").read_text())


def test_a_method_in_closed_form(outside: Write) -> None:
    outside("stripes", CLOSED_FORM)
    release = make_noise("stripes.Stripes", "--model.grey_levels=22")
    assert (release.kind, release.bound) == ("classwise", None)
    assert release.difference.abs().eq(22).all()  # not cut to 8
    made_by = {"class_path": "stripes.Stripes", "arguments": {"grey_levels": 22}, "seed": 0}
    assert release.made_by == made_by  # no rounds, no error
    assert not list(Path("noise").rglob("*.ckpt"))
    result = train_and_report("--data.noise=noise/noise.safetensors")
    assert [row["attack"] for row in result["table"]] == ["none", "fgsm"] * 2


def test_a_method_by_gradient(outside: Write) -> None:
    outside("targeted", BY_GRADIENT)
    release = make_noise("targeted.Targeted", *SURROGATE)
    assert release.made_by["class_path"] == "targeted.Targeted"
    assert release.made_by["rounds"] == 2
    assert 0 < release.difference.abs().max() <= 8
    train_and_report("--data.noise=noise/noise.safetensors")


def test_a_defence_on_the_batch(outside: Write) -> None:
    outside("smooth", ON_THE_BATCH)
    spec = {"class_path": "smooth.Smooth", "init_args": {"share": 0.2}}
    result = train_and_report(f"--model.defences={json.dumps([spec])}")
    assert result["arguments"]["defences"] == [spec]


def test_a_defence_on_the_data_set(outside: Write) -> None:
    outside("centre", ON_THE_DATASET)
    result = train_and_report('--model.defences=["centre.Centre"]')
    assert result["arguments"]["defences"] == ["centre.Centre"]


def test_a_format(outside: Write) -> None:
    outside("text", FORMAT)
    make_noise("UniformClasswise")
    data = ShapesDataModule(noise="noise/noise.safetensors", **SIZES)
    data.setup("fit")
    np.savetxt("poisoned.txt", data.train_set.images.flatten(1).numpy(), fmt="%d")
    train_and_report("--data.noise=poisoned.txt", "--data.noise_format=text.Text")
    again = ShapesDataModule(noise="poisoned.txt", noise_format="text.Text", **SIZES)
    again.setup("fit")
    assert torch.equal(again.train_set.images, data.train_set.images)
