"""PGD against torchattacks, foolbox and the Adversarial Robustness Toolbox."""

from collections.abc import Callable
from typing import Any

import foolbox
import numpy as np
import torch
import torchattacks
from art.attacks.evasion import ProjectedGradientDescentPyTorch
from art.estimators.classification import PyTorchClassifier
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from benchmarks.contestant import COPY, Contestant
from benchmarks.pictures import DEVICE, float_batch
from benchmarks.side_by_side import side_by_side, table
from unlearnable_lightning.attacks import pgd
from unlearnable_lightning.attacks.frozen_model import FrozenModel
from unlearnable_lightning.models import build_model

EPSILON, STEP, T = 8 / 255, 2 / 255, 10
REFERENCE = "torchattacks"


def run() -> str:
    """Tables for both networks, and how far the results are apart."""
    sizes = {"resnet18": (512, 5), "cnn_small": (4096, 5)}
    if DEVICE == "cpu":
        sizes = {"resnet18": (32, 3), "cnn_small": (512, 5)}
    return "\n\n".join(race(model, *size) for model, size in sizes.items())


def race(name: str, batch: int, turns: int) -> str:
    """The table of one network: the same weights, steps and start for all."""
    torch.manual_seed(0)
    model = build_model(name, num_classes=10, in_channels=3, image_size=32).to(DEVICE).eval()
    images, labels = float_batch(batch)
    attacks = contestants(model, images, labels)
    for key, attack in attacks.items():
        attack.check(key)
    seconds = side_by_side({key: attack.call for key, attack in attacks.items()}, turns)
    results = {key: attack.call().to(DEVICE) for key, attack in attacks.items()}
    lines = [table(f"PGD, {T} steps on {batch} images, `{name}`", seconds, batch, REFERENCE), ""]
    lines += [f"| the examples | mean loss | pixels other than those of {REFERENCE} |"]
    lines += ["| --- | ---: | ---: |"]
    for key, result in results.items():
        with torch.no_grad():
            loss = cross_entropy(model(result), labels).item()
        other = ((result - results[REFERENCE]).abs() > 1e-3 / 255).float().mean().item()
        lines.append(f"| {key} | {loss:.4f} | {other:.2%} |")
    return "\n".join(lines)


def contestants(model: nn.Module, images: Tensor, labels: Tensor) -> dict[str, Contestant]:
    """Each gives adversarial examples from the image itself, without a random start."""
    start = torch.zeros_like(images)
    dtypes, shape = (torch.float32, torch.bfloat16), tuple(images.shape[1:])
    fold = {dtype: FrozenModel(model, shape, dtype) for dtype in dtypes}

    def ours(model: nn.Module) -> Tensor:
        settings: dict[str, Any] = {"epsilon": EPSILON, "step_size": STEP, "steps": T}
        return images + pgd(model, images, labels, start=start, **settings)

    def refreshed(dtype: torch.dtype) -> Tensor:
        fold[dtype].refresh()  # as in training, where the weights are others in each batch
        return ours(fold[dtype])

    theirs = torchattacks.PGD(model, eps=EPSILON, alpha=STEP, steps=T, random_start=False)
    linf = foolbox.attacks.LinfPGD(abs_stepsize=STEP, steps=T, random_start=False)
    fool = foolbox.PyTorchModel(model, bounds=(0, 1), device=DEVICE)
    art = ProjectedGradientDescentPyTorch(
        PyTorchClassifier(
            model, nn.CrossEntropyLoss(), tuple(images.shape[1:]), 10, clip_values=(0, 1),
            device_type="gpu" if DEVICE == "cuda" else "cpu",
        ),
        norm=np.inf, eps=EPSILON, eps_step=STEP, max_iter=T, num_random_init=0,
        batch_size=len(images), verbose=False,
    )  # fmt: skip
    arrays = images.cpu().numpy(), labels.cpu().numpy()
    on_itself: dict[str, Callable[[], Tensor]] = {
        REFERENCE: lambda: theirs(images, labels),
        "foolbox": lambda: linf(fool, images, labels, epsilons=EPSILON)[1],
        "Adversarial Robustness Toolbox": lambda: torch.from_numpy(art.generate(*arrays)),
        "ours, `pgd` on the model itself": lambda: ours(model),
    }
    itself, name = type(model).__name__, "ours, as `ClassifierModule` attacks"
    # which calls the parts of an `nn.Sequential` one by one, not the network
    through = {"Adversarial Robustness Toolbox": "ModelWrapper"}
    return {
        key: Contestant(call, torch.float32, through.get(key, itself))
        for key, call in on_itself.items()
    } | {
        f"{name}, float32": Contestant(lambda: refreshed(torch.float32), torch.float32, COPY),
        f"{name}, bfloat16": Contestant(lambda: refreshed(torch.bfloat16), torch.bfloat16, COPY),
    }
