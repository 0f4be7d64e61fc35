"""Purification by diffusion (AVATAR): Dolatabadi et al., "The Devil's Advocate: Shattering the
Illusion of Unexploitable Data using Diffusion Models", SatML 2024, arXiv 2303.08500."""

import math
from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from unlearnable_lightning.by_name import Spec, build
from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.checks.seed import check_seed
from unlearnable_lightning.defences.base import Defence
from unlearnable_lightning.defences.diffusion_schedule import STEPS, denoised, kept_at, noised
from unlearnable_lightning.defences.eight_bit_images import as_pixels_of, as_uint8
from unlearnable_lightning.errors import UnlearnableError

Network = Callable[[Tensor, Tensor], Tensor]


class Purification(Defence):
    """Adds noise to every training image and takes it off again with a diffusion model of yours.

    On [-1, 1]: x ← √ā x + √(1 - ā) n at step t*, then the reverse equation, t* calls of the network
    per image (see `diffusion_schedule`). The result is clamped, rounded to 8 bits and trained on;
    it is made anew for every `fit`.

    Args:
        model: import path of a class or function that makes the network, or {class_path,
            init_args}; `unlearnable_lightning.defences.gaussian_prior.GaussianPrior` is there for
            trials. What it makes is called with images float [B, C, H, W] in [-1, 1] and a time for
            each. It runs on the device of its first parameter, else on the CPU.
        t_star: how many of 1000 steps of noise; 100 in the paper, 60 in APBench.
        predicts: `noise` for a DDPM ε(x, t), t int64 [B] from 0 to 999 (step t* is t* - 1 there);
            `score` for s(x, τ), τ float [B] in (0, 1].
        batch_size: images at once.
        seed: of the noise.

    Raises:
        UnlearnableError: no such model, or a number or word out of range.

    Example:
        >>> path = "unlearnable_lightning.defences.gaussian_prior.GaussianPrior"
        >>> images = torch.randint(0, 256, (8, 3, 8, 8), dtype=torch.uint8)
        >>> pure = Purification(path, 10, "score").on_dataset(images, torch.zeros(8).long())
    """

    def __init__(
        self,
        model: Spec,
        t_star: int = 100,
        predicts: Literal["noise", "score"] = "noise",
        batch_size: int = 256,
        seed: int = 0,
    ) -> None:
        if t_star not in range(1, STEPS + 1):
            raise UnlearnableError(
                f"Purification got t_star={t_star}, but it is a whole number from 1 to {STEPS}. "
                "Give 100."
            )
        rule = "a batch of Purification has at least 1 image, usually 256"
        batch_size = whole_number("batch_size", batch_size, 1, rule)
        check_seed(seed)
        if predicts not in _SCORES:
            raise UnlearnableError(
                f"Purification got predicts={predicts!r}: give {' or '.join(_SCORES)}."
            )
        kind: Any = Callable  # to a type checker no class, but isinstance takes it
        self.network: Network = build(
            model, "unlearnable_lightning.defences", "Purification's model", kind
        )
        self.predicts, self.t_star = predicts, int(t_star)
        self.batch_size, self.seed = batch_size, seed

    @torch.no_grad()
    def on_dataset(self, images: Tensor, labels: Tensor) -> Tensor:
        """As in `Defence`: uint8."""
        generator = torch.Generator().manual_seed(self.seed)
        parts = images.split(self.batch_size)
        return torch.cat([as_uint8(self.purify(as_pixels_of(x), generator)) for x in parts])

    def purify(self, pixels: Tensor, generator: torch.Generator) -> Tensor:
        """Purified pixels float [B, C, H, W] of pixels in [0, 1], before they are clamped.

        Raises:
            UnlearnableError: the network gives another shape.
        """
        device = torch.device("cpu")
        if isinstance(self.network, nn.Module):
            self.network.eval()
            device = next((weight.device for weight in self.network.parameters()), device)
        noisy = noised(2 * pixels.to(device) - 1, self.t_star, generator)
        return (denoised(noisy, self.t_star, self.score, generator).cpu() + 1) / 2

    def score(self, images: Tensor, time: float) -> Tensor:
        """What the network says of images in [-1, 1] at one time."""
        found = _SCORES[self.predicts](self.network, images, time)
        if not isinstance(found, Tensor) or found.shape != images.shape:
            is_ = tuple(found.shape) if isinstance(found, Tensor) else type(found).__name__
            raise UnlearnableError(
                f"Purification's model gives {is_} for images {tuple(images.shape)}; it must give "
                "noise or score of their shape. Cut off a predicted variance."
            )
        return found


def _of_noise(network: Network, images: Tensor, time: float) -> Tensor:
    steps = torch.full((len(images),), round(time * STEPS) - 1, device=images.device)
    return network(images, steps) / -math.sqrt(1 - kept_at(time))


def _of_score(network: Network, images: Tensor, time: float) -> Tensor:
    return network(images, torch.full((len(images),), time, device=images.device))


_SCORES = {"noise": _of_noise, "score": _of_score}
