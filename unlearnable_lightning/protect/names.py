"""What each picture is called in the new folder."""

import unicodedata
from collections import defaultdict
from pathlib import Path


def new_names(files: list[Path], suffix: str) -> dict[Path, Path]:
    """The path of each file with the suffix of the new format; no two are the same.

    `a.jpg` becomes `a.png`. If there is another `a` in the folder, `a.png` keeps its name and the
    others keep their suffix too: `a.jpg.png`. A folder `a.png` is one more. Case
    and composed accents make no difference, because macOS and Windows see none.

    Args:
        files: relative to the folder of pictures.
        suffix: `.png` or `.webp`.

    Returns:
        The new paths, in the order of the files.
    """
    stems: defaultdict[str, list[Path]] = defaultdict(list)
    for path in sorted(files):
        stems[_key(path.with_suffix(""))].append(path)
    names: dict[Path, Path] = {}
    taken = {_key(folder) for path in files for folder in path.parents}
    # first who keeps its name, then who is alone with its stem, then the rest
    own = [path for path in sorted(files) if path.suffix == suffix]
    alone = [each[0] for each in stems.values() if len(each) == 1 and each[0].suffix != suffix]
    rest = sorted({*files} - {*own, *alone})
    for path in [*own, *alone, *rest]:
        plain = path.with_name(path.stem + suffix)
        full = path.with_name(path.name + suffix)
        name = full if path in rest or _key(plain) in taken else plain
        count = 2
        while _key(name) in taken:
            name = path.with_name(f"{path.name}-{count}{suffix}")
            count += 1
        taken.add(_key(name))
        names[path] = name
    return {path: names[path] for path in files}


def _key(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()
