"""A small residual network that predicts the noise."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, mse_loss

from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.checks.seed import check_seed
from unlearnable_lightning.defences.leak_models.base import LeakModel
from unlearnable_lightning.errors import UnlearnableError


class ResidualCNN(LeakModel):
    """Subtracts what a convolutional network takes for noise.

    Three 3×3 convolutions with a bias per class after the first, trained with MSE and Adam (its
    rate falls to 0 along a cosine) on batches of 64 pairs. It starts as the identity.

    Args:
        steps: of training.
        width: channels between the convolutions.
        lr: learning rate of Adam.
        seed: of first weights and batches.

    Raises:
        UnlearnableError: a count below 1, or a rate that is not above 0.
    """

    def __init__(self, steps: int = 2000, width: int = 32, lr: float = 2e-3, seed: int = 0) -> None:
        for name, count in (("steps", steps), ("width", width)):
            whole_number(name, count, 1, "ResidualCNN needs at least 1")
        check_seed(seed)
        if not 0 < lr < math.inf:
            raise UnlearnableError(f"ResidualCNN got lr={lr}; it must be above 0, such as 0.002.")
        self.steps, self.width, self.lr, self.seed = steps, width, lr, seed

    def fit(self, protected: Tensor, clean: Tensor, labels: Tensor) -> None:
        """As in `LeakModel`."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            classes = int(labels.max()) + 1
            self.network = _NoiseNet(protected.shape[1], classes, self.width)
            with torch.inference_mode(False), torch.enable_grad():
                self._train(protected.clone(), clean.clone(), labels.clone())

    def _train(self, protected: Tensor, clean: Tensor, labels: Tensor) -> None:
        optimizer = torch.optim.Adam(self.network.parameters(), self.lr)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, self.steps)
        for _ in range(self.steps):
            rows = torch.randint(len(labels), (min(64, len(labels)),))
            noise = self.network(protected[rows], labels[rows])
            loss = mse_loss(noise, protected[rows] - clean[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()

    @torch.no_grad()
    def denoise(self, protected: Tensor, labels: Tensor) -> Tensor:
        """As in `LeakModel`."""
        estimate: Tensor = protected - self.network(protected, labels)
        return estimate


class _NoiseNet(nn.Module):
    def __init__(self, channels: int, classes: int, width: int) -> None:
        super().__init__()
        self.classes = nn.Embedding(classes + 1, width, padding_idx=classes)  # the last: unknown
        self.first = nn.Conv2d(channels, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.last = nn.Conv2d(width, channels, 3, padding=1)
        # Embedding draws N(0, 1), five times what the first layer gives: ReLUs died of it
        for layer in (self.classes, self.last):
            nn.init.zeros_(layer.weight)
        if self.last.bias is not None:
            nn.init.zeros_(self.last.bias)

    def forward(self, images: Tensor, labels: Tensor) -> Tensor:
        """Noise [B, C, H, W]."""
        known = labels.clamp(max=self.classes.num_embeddings - 1)
        hidden = gelu(self.first(images - 0.5) + self.classes(known)[:, :, None, None])
        noise: Tensor = self.last(gelu(self.second(hidden)))
        return noise
