"""Which images a training is served: a resumed run must go on with those it began with."""

from typing import Any

from unlearnable_lightning.data import ImageDataset
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import Release


def describe(train_set: ImageDataset) -> dict[str, Any]:
    """Plain data on training images: a fingerprint of what they are served as, and words for it."""
    source, noise, served = train_set.source, train_set.noise, train_set.served_sha256
    words = f"{source.name}/{source.split}, {len(train_set)} images, {_of(noise)} ({served[:8]})"
    return {"sha256": served, "words": words}


def _of(noise: Release | None) -> str:
    if noise is None:
        return "without noise"
    bound = "" if noise.bound is None else f" of {noise.bound.norm} {noise.bound.value:.3g}"
    return f"with {noise.kind} noise{bound}"


def check_same(then: dict[str, Any] | None, now: dict[str, Any] | None) -> None:
    """Refuses to go on with other images than those that a run began with.

    Args:
        then: what the checkpoint says; None if it is older than this check.
        now: what this run would serve; None if its images come from no data module of ours.

    Raises:
        UnlearnableError: they differ.
    """
    if then is None or now is None or then["sha256"] == now["sha256"]:
        return
    raise UnlearnableError(
        f"the checkpoint belongs to a run on other images. It began with: {then['words']}. This "
        f"run has: {now['words']}. Give the data arguments of that run (noise, train_subset, seed, "
        "…). To train its weights on other images, load them in Python and fit without ckpt_path."
    )
