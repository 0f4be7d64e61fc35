"""The versions of the packages that a result depends on."""

from importlib.metadata import version


def versions() -> dict[str, str]:
    """Package names and versions, for the header of a noise file."""
    return {name: version(name) for name in ("unlearnable-lightning", "torch", "lightning")}
