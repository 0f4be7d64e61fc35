"""Which images a training is served: a resumed run must go on with those it began with."""

import hashlib
from typing import Any

from unlearnable_lightning.errors import UnlearnableError


def describe(train_set: Any) -> dict[str, Any]:
    """Plain data on an `ImageDataset`: a fingerprint of what it serves, and the words for it."""
    source, noise = train_set.source, train_set.noise
    digest = hashlib.sha256(source.sha256.encode())
    words = f"{source.name}/{source.split}, {len(train_set)} images ({source.sha256[:8]}), "
    if noise is None:
        words += "without noise"
    else:
        values = hashlib.sha256(noise.values.contiguous().numpy().data).hexdigest()
        digest.update(values.encode())
        words += f"with {noise.kind} noise of epsilon {noise.epsilon:.4f} ({values[:8]})"
    return {"sha256": digest.hexdigest(), "words": words}


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
