"""The leak protocol: Wang et al., "BridgePure: Limited Protection Leakage Can Break Black-Box Data
Protection", NeurIPS 2025, arXiv 2412.21061."""

import torch
from torch import Tensor

from unlearnable_lightning.by_name import Spec, build
from unlearnable_lightning.checks import whole_number
from unlearnable_lightning.checks.seed import check_seed
from unlearnable_lightning.defences.base import Defence
from unlearnable_lightning.defences.eight_bit_images import as_pixels_of, as_uint8
from unlearnable_lightning.defences.leak_models.base import LeakModel
from unlearnable_lightning.errors import UnlearnableError

ROOM = "unlearnable_lightning.defences.leak_models"
_CHUNK = 1000


class LeakedPairs(Defence):
    """An attacker who could run the protection on some clean images of its own.

    `pairs` training images, drawn from the seed, leak: their clean originals are known. A model
    learns from these pairs to take noise off and is applied to all other images, which are then
    trained on; the leaked ones are not. It is an upper bound for defences: it needs what only the
    owner of the protection has. The paper's diffusion bridge is a `model` of your own.

    Args:
        pairs: how many images leak, at least 1 and fewer than there are.
        model: `ClassMean`, `Ridge`, `ResidualCNN`, or a `LeakModel` of yours by its import path, or
            {class_path, init_args}.
        seed: of the choice.

    Raises:
        UnlearnableError: no pair, as many as images, or no such model.

    Example:
        >>> clean = torch.randint(0, 200, (60, 3, 8, 8), dtype=torch.uint8)
        >>> defence, labels = LeakedPairs(pairs=20), torch.arange(60) % 3
        >>> rows = defence.leak(clean, labels)
        >>> purified = defence.on_dataset(clean + 8, labels)[rows]
    """

    def __init__(self, pairs: int = 500, model: Spec = "ClassMean", seed: int = 0) -> None:
        rule = "LeakedPairs learns nothing from none, so at least 1, usually 500"
        pairs = whole_number("pairs", pairs, 1, rule)
        check_seed(seed)
        self.model: LeakModel = build(model, ROOM, "LeakedPairs's model", LeakModel)
        self.pairs, self.seed = pairs, seed
        self.leaked: Tensor | None = None
        self.originals: Tensor | None = None

    def leak(self, clean: Tensor, labels: Tensor) -> Tensor:
        """As in `Defence`: keeps the originals of the leaked rows, and returns all other rows.

        Raises:
            UnlearnableError: as many pairs as images.
        """
        if self.pairs >= len(clean):
            raise UnlearnableError(
                f"LeakedPairs got pairs={self.pairs}, but there are {len(clean)} training images "
                "and nothing would be left to train on. Give fewer pairs."
            )
        generator = torch.Generator().manual_seed(self.seed)
        order = torch.randperm(len(clean), generator=generator)
        self.leaked = order[: self.pairs].sort().values
        self.originals = clean[self.leaked]
        return order[self.pairs :].sort().values

    def on_dataset(self, images: Tensor, labels: Tensor) -> Tensor:
        """As in `Defence`: uint8; leaked rows stay as they are.

        Raises:
            UnlearnableError: nobody called `leak` before.
        """
        if self.leaked is None or self.originals is None:
            raise UnlearnableError(
                "LeakedPairs has no pairs yet: call leak(clean, labels) before on_dataset, as "
                "ClassifierModule does."
            )
        leaked, purified = self.leaked, as_uint8(as_pixels_of(images))
        self.model.fit(as_pixels_of(images[leaked]), as_pixels_of(self.originals), labels[leaked])
        mine = torch.ones(len(images), dtype=torch.bool)
        mine[leaked] = False
        for rows in mine.nonzero().flatten().split(_CHUNK):
            estimate = self.model.denoise(as_pixels_of(images[rows]), labels[rows])
            purified[rows] = as_uint8(estimate)
        return purified
