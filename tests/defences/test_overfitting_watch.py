"""The watch for catastrophic overfitting: what it logs, when it warns, what it leaves alone."""

import warnings
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import nn

from unlearnable_lightning.defences import AdversarialTraining, Victim
from unlearnable_lightning.defences.overfitting_watch import OverfittingWatch
from unlearnable_lightning.models import cnn_small


def test_it_warns_once_if_pgd_falls_while_fgsm_rises() -> None:
    watch = OverfittingWatch(8 / 255)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for fgsm, pgd in ((0.2, 0.18), (0.35, 0.3), (0.5, 0.2), (0.3, 0.01)):
            watch.judge(fgsm, pgd)  # the last one forgets everything, FGSM too
    with pytest.warns(
        UserWarning, match=r"PGD-10 fell from 0\.3 to 0\.02, .* FGSM rose from 0\.35"
    ):
        watch.judge(0.9, 0.02)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        watch.judge(0.95, 0.0)


class Curved(nn.Module):
    """Two classes told apart by a wave of the mean pixel, which one long step jumps over."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        score = torch.cos(images.mean((1, 2, 3)) * 2 * torch.pi / 0.1)
        return torch.stack([score, -score], 1)


def test_it_tells_one_step_from_many() -> None:
    """The wave has its length in one step of epsilon, so FGSM lands where it was."""
    watch = OverfittingWatch(0.1)
    images = torch.full((4, 1, 4, 4), 0.5 + 0.004)
    watch.see(images, torch.eye(2)[torch.zeros(4, dtype=torch.long)])
    seen = watch.look(Curved())
    assert seen == {"watch_fgsm_accuracy": 1.0, "watch_pgd_accuracy": 0.0}


def test_it_keeps_the_first_batch_and_leaves_the_random_stream_alone() -> None:
    watch, first = OverfittingWatch(8 / 255), torch.rand(4, 3, 16, 16)
    model = cnn_small().eval()
    assert watch.look(model) == {}
    watch.see(first, torch.eye(10)[:4])
    watch.see(torch.rand(4, 3, 16, 16), torch.eye(10)[4:8])
    state = torch.get_rng_state()
    once = watch.look(model)
    assert watch.look(model) == once
    assert torch.equal(torch.get_rng_state(), state)
    assert watch.batch is not None
    assert torch.equal(watch.batch[0], first)


def test_a_training_logs_both_after_every_epoch(classifier: Any, shapes: Any, trainer: Any) -> None:
    run = trainer(max_epochs=1)
    run.fit(classifier(attack="pgd", test_attacks=[]), shapes())
    logged = run.callback_metrics
    assert {"watch_fgsm_accuracy", "watch_pgd_accuracy"} <= set(logged)


def test_fgsm_rs_is_one_step_of_ten_levels_from_a_random_start() -> None:
    text = (Path(__file__).parents[2] / "configs" / "defence" / "fgsm_rs.yaml").read_text()
    (spec,) = yaml.safe_load(text)["model"]["init_args"]["defences+"]
    defence = AdversarialTraining(**spec["init_args"])
    model, seen = cnn_small(), []
    model.register_forward_pre_hook(lambda _, args: seen.append(args[0].detach()))
    images = torch.full((8, 3, 16, 16), 0.5)
    defence.loss(Victim(model, lambda: model), images, torch.eye(10)[:8])
    start, adversarial = seen[0] - images, seen[-1] - images
    epsilon = 8 / 255
    assert len(seen) == 2
    assert start.abs().max() <= epsilon + 1e-6
    assert len(start.unique()) > 1000
    assert adversarial.abs().max() == pytest.approx(epsilon, abs=1e-6)
    moved = (adversarial - start).abs().max().item()
    assert moved == pytest.approx(10 / 255, abs=1e-4)
