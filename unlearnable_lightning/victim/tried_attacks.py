"""The attacks that a `test` tries, by the names of the table."""

from collections.abc import Sequence
from typing import Any

from unlearnable_lightning.attacks.by_name import Attack, build_attack, long_name, short_name
from unlearnable_lightning.by_name import Spec
from unlearnable_lightning.errors import UnlearnableError

CLEAN = "none"  # what the table calls test images without an attack


def build_tried(specs: Sequence[Spec], **offered: Any) -> dict[str, Attack | None]:
    """Name in the table → attack; first `none`, which is no attack. Those of one name are
    called by their settings too: `pgd steps=40`.

    Args:
        specs: as for `build_attack`.
        offered: settings, which each attack has that takes them.

    Raises:
        UnlearnableError: no list, no such attack, or two of one name.
    """
    if not isinstance(specs, (list, tuple)):
        raise UnlearnableError(
            f"test_attacks={specs!r}: give a list such as [fgsm, pgd]; [] tries clean images alone."
        )
    tried: dict[str, Attack | None] = {CLEAN: None}
    short = [short_name(spec) for spec in specs]
    for spec, name in zip(specs, short, strict=True):
        name = long_name(spec) if short.count(name) > 1 else name
        if name in tried:
            raise UnlearnableError(
                f"test_attacks has {name!r} twice; the table could not tell them apart ({CLEAN} is "
                "always there). Leave one out, give it init_args of its own ({class_path: pgd, "
                "init_args: {steps: 40}}), or give your attack a function of another name."
            )
        tried[name] = build_attack(spec, "test_attacks", **offered)
    return tried
