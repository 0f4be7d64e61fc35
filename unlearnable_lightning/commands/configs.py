"""`unlearnable configs`: what `-c` can name from any folder."""

from unlearnable_lightning.shipped import config_folder, config_names, find_config


def configs(show: str | None = None) -> None:
    """List the configs that `-c` finds from any folder, or print one of them.

    Args:
        show: the config to print, to be changed in a file of your own; null lists them all.
    """
    if show is not None:
        print(find_config(show).read_text(encoding="utf-8"), end="")
        return
    names = config_names()
    width = max(map(len, names))
    for name in names:
        print(f"{name:{width}}  {_about(name)}".rstrip())


def _about(name: str) -> str:
    """The first line of a config, which is a comment."""
    first = (config_folder() / name).read_text(encoding="utf-8").partition("\n")[0]
    return first.removeprefix("#").strip().rstrip(",:")
