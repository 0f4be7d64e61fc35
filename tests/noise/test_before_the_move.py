"""Noise is what it was before the driver and its methods came apart, for the same seed."""

import functools
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import pytest
import torch

from unlearnable_lightning import NoiseGenLightningModule, ShapesDataModule
from unlearnable_lightning.noise import GrayAug, NoiseDriver
from unlearnable_lightning.run.device import device_name

# made by the code of before, from one seed: int8 grey levels by name, torch version and processor
STORED = Path(__file__).with_name("data") / "before_the_move.npz"
CASES: dict[str, tuple[type[NoiseDriver], dict[str, Any]]] = {
    "samplewise": (NoiseGenLightningModule, {"kind": "samplewise"}),
    "classwise": (NoiseGenLightningModule, {"kind": "classwise", "steps": 2}),
    "sequential": (
        NoiseGenLightningModule,
        {"kind": "classwise", "steps": 2, "class_rule": "sequential"},
    ),
    "grayaug": (GrayAug, {"kind": "samplewise", "views": ["RandomCropFlip"]}),
    "views": (
        NoiseGenLightningModule,
        {"kind": "samplewise", "init": "zeros", "views": ["RandomCropFlip"]},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_same_seed_gives_the_same_noise(name: str, trainer: Any) -> None:
    if torch.backends.cpu.get_cpu_capability() == "AVX512":
        done = with_avx2()
        assert re.search(rf"^PASSED .*\[{name}\]$", done.stdout, re.MULTILINE), done.stdout
        return
    method, arguments = CASES[name]
    L.seed_everything(0)
    quick = {"model": "cnn_small", "image_size": 16, "steps": 5, "model_steps": 6}
    module = method(**quick | {"stop_error": None} | arguments)
    data = ShapesDataModule(train_size=48, test_size=20, image_size=16, batch_size=16)
    trainer(max_epochs=2, accelerator="cpu").fit(module, data)
    with np.load(STORED) as stored:
        expected = torch.from_numpy(stored[name])
        made_here = (str(stored["torch"]), str(stored["device"])) == (
            torch.__version__,
            device_name(torch.device("cpu")),
        )
    if made_here:
        assert torch.equal(module.noise().difference, expected)
    else:  # other sums in the last bit, and the sign of a gradient that is nearly 0
        assert (module.noise().difference != expected).float().mean() < 0.05


@functools.cache
def with_avx2() -> subprocess.CompletedProcess[str]:
    """This file in a process that leaves the processor's AVX-512 alone: what is stored was made
    without, and with it a fifth of the sample-wise noise differs."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-rA", "-p", "no:cacheprovider", __file__],
        env={**kept, "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
        capture_output=True,
        text=True,
    )
