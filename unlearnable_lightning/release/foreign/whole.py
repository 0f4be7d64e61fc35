"""The difference of a release in one array, for formats that hold nothing else."""

from torch import Tensor

from unlearnable_lightning.release.release import Release
from unlearnable_lightning.rows import whole


def whole_difference(release: Release, labels: Tensor) -> Tensor:
    """One difference for each class if the release has those for all images, else one for each
    image, zero for those that stay as they are.

    Where there are as many images as classes it is one for each image: a reader counts.

    Args:
        release: of any kind.
        labels: int64 [N], of its images.

    Returns:
        int8 or int16 [K, C, H, W] or [N, C, H, W].
    """
    counted = len(release.source.class_names) != release.source.shape[0]
    if release.kind == "classwise" and release.rows is None and counted:
        return whole(release.difference)
    return release.difference_for(labels)
