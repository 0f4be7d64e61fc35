"""Which clean image each poisoned image was made of, found by looking at them."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from unlearnable_lightning.errors import UnlearnableError

_CHUNK = 512  # poisoned images at a time: their distances to 50 000 clean ones take 102 MB
_SPACING = 256  # clean images that tell how far apart images lie
_SLACK = 1e-4  # of the squared length of a feature, for float32 sums


@dataclass(frozen=True)
class _Features:
    """Means over blocks, scaled so that no distance is longer than between the images themselves.

    So a pair that is far apart here is far apart in full, and one product of 192 numbers per image
    instead of 3072 finds the nearest ones: exactly, see `_nearest`.
    """

    values: Tensor  # float32 [n, F]
    squared: Tensor  # [n]

    @classmethod
    def of(cls, images: Tensor) -> "_Features":
        block = next(b for b in (4, 2, 1) if not images.shape[2] % b and not images.shape[3] % b)
        parts = [
            avg_pool2d(part.float() - 128, block).flatten(1) * block for part in images.split(4096)
        ]
        values = torch.cat(parts)
        return cls(values, values.square().sum(1))

    def distances(self, other: "_Features") -> Tensor:
        """Squared, [n, m], never longer than in full; below 0 for equal ones."""
        sums = (self.squared[:, None] + other.squared).mul_(1 - _SLACK)
        return sums.addmm_(self.values, other.values.T, alpha=-2)

    def __getitem__(self, rows: slice | Tensor) -> "_Features":
        return _Features(self.values[rows], self.squared[rows])


def match(poisoned: Tensor, clean: Tensor) -> Tensor:
    """The places of the clean images that poisoned ones were made of.

    Args:
        poisoned: uint8 [n, C, H, W], in any order.
        clean: uint8 [N, C, H, W].

    Returns:
        int64 [n], each place once. Of clean images that are equal each takes one of the poisoned
        images that lie nearest to it.

    Raises:
        UnlearnableError: an image that is near to no clean one, or several of one clean image.
    """
    features = _Features.of(clean)
    twin = _first_equal(clean)
    nearest, squared = _nearest(poisoned, clean, features)
    limit = _spacing(clean, features, twin) / 2
    far = (squared.sqrt() > limit).nonzero().flatten()
    if len(far):
        first = int(far[0])
        raise UnlearnableError(
            f"{len(far)} of its {len(poisoned)} images match no clean one: image {first} is "
            f"{float(squared[first].sqrt()) / 255:.2f} (L2, pixels of [0, 1]) from the nearest, "
            f"and half of what lies between two clean images is {limit / 255:.2f}. Use the data "
            "that it was made for."
        )
    return _spread(twin[nearest], twin)


def _nearest(poisoned: Tensor, clean: Tensor, features: _Features) -> tuple[Tensor, Tensor]:
    """Place of the nearest clean image, and its squared distance in grey levels."""
    found = []
    for part in poisoned.split(_CHUNK):
        below = _Features.of(part).distances(features)
        place = below.argmin(1)  # a tenth of the time of topk
        squared = _in_full(part, clean[place])
        unsure = (below < squared[:, None]).sum(1) > 1  # another one may be nearer in full
        for row in unsure.nonzero().flatten().tolist():
            others = (below[row] < squared[row]).nonzero().flatten()
            there, which = _in_full(part[row], clean[others]).min(0)
            squared[row], place[row] = there, others[which]
        found.append((place, squared))
    return torch.cat([place for place, _ in found]), torch.cat([far for _, far in found])


def _in_full(one: Tensor, other: Tensor) -> Tensor:
    return (one.short() - other.short()).float().square_().flatten(-3).sum(-1)


def _spacing(clean: Tensor, features: _Features, twin: Tensor) -> float:
    """The median distance of a clean image to the nearest one that is not equal to it."""
    sample = torch.linspace(0, len(clean) - 1, min(_SPACING, len(clean))).long()
    distances = features[sample].distances(features)
    distances.masked_fill_(twin[sample][:, None] == twin, torch.inf)
    return float(distances.min(1).values.median().clamp(min=0).sqrt())


def _first_equal(images: Tensor) -> Tensor:
    """int64 [N]: the first place at which the same image lies."""
    seen: dict[bytes, int] = {}
    flat = images.flatten(1).contiguous().numpy()
    return torch.tensor([seen.setdefault(row.tobytes(), i) for i, row in enumerate(flat)])


def _spread(places: Tensor, twin: Tensor) -> Tensor:
    """Gives each poisoned image a place of its own among equal clean images."""
    left: dict[int, list[int]] = {}
    for place, first in reversed(list(enumerate(twin.tolist()))):
        left.setdefault(first, []).append(place)
    own = []
    for row, first in enumerate(places.tolist()):
        if not left[first]:
            raise UnlearnableError(
                f"several of its images match clean image {first}, the last of them image {row}; "
                "each clean image has one. Remove the duplicates, or use the data that it was made "
                "for."
            )
        own.append(left[first].pop())
    return torch.tensor(own)
