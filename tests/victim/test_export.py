"""A victim leaves the house: TorchScript and torch.export."""

from pathlib import Path
from typing import Any

import pytest
import torch

from unlearnable_lightning import ClassifierModule


# torch gives up torch.jit, which reads every property, those too that torchmetrics gives up
@pytest.mark.filterwarnings("ignore:.*(deprecated|torch.jit|will be removed).*")
@pytest.mark.parametrize("tested", [False, True])
@pytest.mark.parametrize("method", ["script", "trace"])
def test_a_loaded_victim_becomes_torchscript(
    method: str, tested: bool, classifier: Any, shapes: Any, trainer: Any, tmp_path: Path
) -> None:
    trainer(max_epochs=1).fit(classifier(attack="pgd"), shapes())
    path = tmp_path / "run" / "checkpoints" / "last.ckpt"
    victim = ClassifierModule.load_from_checkpoint(path, map_location="cpu", weights_only=True)
    if tested:
        trainer("test").test(victim, shapes(), verbose=False)
    images = torch.rand(3, 3, 16, 16)
    scripted = victim.to_torchscript(method=method, example_inputs=images)
    assert torch.equal(scripted(images), victim.eval()(images))


def test_a_victim_is_exported(classifier: Any) -> None:
    victim, images = classifier().eval(), torch.rand(3, 3, 16, 16)
    program = torch.export.export(victim, (images,))
    torch.testing.assert_close(program.module()(images), victim(images))
