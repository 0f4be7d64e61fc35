"""Pure parts do not wait for Lightning; every name of a room is there when it is asked for."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import unlearnable_lightning
from unlearnable_lightning import data, noise

PURE = [
    "from unlearnable_lightning.pixels import add, as_pixels, quantize",
    "from unlearnable_lightning.release import Release, apply, poison, release_of_images",
    "from unlearnable_lightning.release.formats import PoisonedImages, read_release",
    "from unlearnable_lightning.augment import *",
    "from unlearnable_lightning.models import build_model, resnet18",
    "from unlearnable_lightning.attacks import FrozenModel, fgsm, pgd",
    "from unlearnable_lightning.defences import *",
    "from unlearnable_lightning.noise import ar, cifar10_s, cuda, lsp, mask, ops, signs, triples",
    "from unlearnable_lightning.noise import uniform",
    "from unlearnable_lightning.noise.methods import ar_search",
    "from unlearnable_lightning.data import ImageDataset",
    "from unlearnable_lightning.data.shapes_images import draw_shapes",
    "from unlearnable_lightning.report import report",
]
GRAPH = [  # what experiments/Snakefile imports, in each process that Snakemake starts
    "from experiments import figures, results",
    "from experiments.board.curves import write_curves",
    "from experiments.commands import commands",
    "from experiments.grid import read_grid",
    "from experiments.page import write",
    "from experiments.words import read_words",
]
LIGHTNING = {"lightning", "pytorch_lightning", "torchmetrics"}
WATCH = """
import sys
for line in {lines!r}:
    exec(line)
    slow = {slow} & set(sys.modules)
    assert not slow, f"{{line}} imports {{slow}}"
"""


@pytest.mark.parametrize(
    ("lines", "slow"),
    [(PURE, LIGHTNING), (GRAPH, {"torch", *LIGHTNING})],
    ids=["pure parts", "the graph of experiments"],
)
def test_what_is_quick_does_not_wait_for(lines: list[str], slow: set[str]) -> None:
    watch = WATCH.format(lines=lines, slow=slow)
    done = subprocess.run(
        [sys.executable, "-c", watch], capture_output=True, text=True, timeout=120,
        cwd=Path(__file__).parents[1],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", [unlearnable_lightning, data, noise], ids=lambda p: p.__name__)
class TestNamesThatAreImportedLate:
    def test_all_of_them_are_there(self, package: object) -> None:
        assert set(package.__all__) <= set(dir(package))
        assert all(getattr(package, name) is not None for name in package.__all__)

    def test_the_face_has_no_others(self, package: object) -> None:
        """A new file is named in both: in `face.py`, which imports it, and in `__all__`."""
        face = import_module(f"{package.__name__}.face")
        theirs = {
            name
            for name, each in vars(face).items()
            if getattr(each, "__module__", "").startswith("unlearnable_lightning.")
        }
        assert theirs <= set(package.__all__)

    def test_a_submodule_is_an_attribute(self, package: object) -> None:
        assert package.face is import_module(f"{package.__name__}.face")

    def test_what_is_not_there_is_said(self, package: object) -> None:
        with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute"):
            _ = package.nothing
