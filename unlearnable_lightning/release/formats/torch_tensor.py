"""A tensor of torch.save, as the repository of Huang et al. (ICLR 2021) stores its noise."""

import io
from pathlib import Path

import torch
from torch import Tensor

from unlearnable_lightning.files import replacing
from unlearnable_lightning.release.fits import check_made_for
from unlearnable_lightning.release.foreign.arrays_of_notes import as_array
from unlearnable_lightning.release.foreign.build import Found, release_of
from unlearnable_lightning.release.foreign.container import container, holds_dict
from unlearnable_lightning.release.foreign.meaning import Holds
from unlearnable_lightning.release.foreign.size import most_bytes
from unlearnable_lightning.release.foreign.torch_file import read_torch
from unlearnable_lightning.release.foreign.whole import whole_difference
from unlearnable_lightning.release.formats.base import Format
from unlearnable_lightning.release.release import Release
from unlearnable_lightning.release.source import DataSource


class TorchTensor(Format):
    """Differences as float32, 1 for white: N×C×H×W, or K×C×H×W for class-wise noise.

    Also read: images, grey levels, other number types, channels last.

    Args:
        holds: `images` or `differences`; null looks at the numbers.

    Example:
        `unlearnable fit … --data.noise perturbation.pt --data.noise_format TorchTensor`
    """

    suffixes = (".pt", ".pth")

    def __init__(self, holds: Holds | None = None) -> None:
        self.holds = holds

    def read(self, path: Path, images: Tensor, labels: Tensor, source: DataSource) -> Release:
        """See `Format.read`."""
        most = most_bytes(source)
        found = Found(as_array(read_torch(path, most), most), holds=self.holds, pixels=True)
        return release_of(found, images, labels, source, self.made_by | {"file": path.name})

    def write(self, path: Path, release: Release, images: Tensor, labels: Tensor) -> None:
        """See `Format.write`."""
        labels = check_made_for(release, images, labels)
        content = io.BytesIO()  # straight into a full disk, torch.save hides the reason
        torch.save(whole_difference(release, labels).float().div_(255), content)
        with replacing(path) as file:
            file.write(content.getbuffer())

    def recognises(self, path: Path, source: DataSource) -> bool:
        """See `Format.recognises`."""
        return container(path) == "torch" and not holds_dict(path)
