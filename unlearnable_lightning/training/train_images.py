"""Which images a training is served: a resumed run must go on with those it began with."""

from typing import Any

from unlearnable_lightning.data import ImageDataset
from unlearnable_lightning.errors import UnlearnableError
from unlearnable_lightning.release import Release


def describe(train_set: ImageDataset) -> dict[str, Any]:
    """Plain data on the images of a training: a fingerprint of what is served, before defences,
    the words for it, its noise, and what of it is poisoned (a share, and names of classes or None
    for all)."""
    source, noise, served = train_set.source, train_set.noise, train_set.served_sha256
    rate = train_set.poisoned.double().mean().item()
    some = f" on {100 * rate:.4g} % of them" if 0 < rate < 1 else ""
    kind = f"{_noise_words(noise)}{some}"
    words = f"{source.name}/{source.split}, {len(train_set)} images, {kind} ({served[:8]})"
    poisoned = train_set.labels[train_set.poisoned].unique()
    some_classes = 0 < len(poisoned) < len(train_set.labels.unique())
    names = [source.class_names[label] for label in poisoned] if some_classes else None
    return {
        **{"sha256": served, "words": words, "noise": name_of(noise)},
        **{"poison_rate": rate, "poison_classes": names},
    }


def name_of(noise: Release | None) -> str:
    """A few words for a table: who made the noise, its kind and bound; `none` for no noise."""
    if noise is None:
        return "none"
    made_by = str(noise.made_by.get("class_path", "unknown")).rpartition(".")[2]
    words = [made_by, noise.kind]
    if noise.bound is not None:
        levels = 255 * noise.bound.value
        in_levels = noise.bound.norm == "linf" and abs(levels - round(levels)) < 1e-6
        value = f"{levels:.0f}/255" if in_levels else f"{noise.bound.value:.3g}"
        words.append(f"{noise.bound.norm} {value}")
    return " ".join(words)


def _noise_words(noise: Release | None) -> str:
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
